import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { AppError } from "../errors.ts";

/**
 * The one text form of a JSON value: keys sorted, no white space, numbers as ECMAScript prints them.
 * @throws AppError INTERNAL for a value that JSON cannot hold (undefined, NaN, lone surrogates)
 * Source: RFC 8785, JSON Canonicalization Scheme
 */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new AppError("INTERNAL", "The value has no JSON form.");
  return text;
}

/** SHA-256 of bytes, or of a text's UTF-8 form, in 64 lower-case hex digits. */
export function sha256Hex(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
