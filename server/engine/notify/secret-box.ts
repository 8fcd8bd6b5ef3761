/**
 * Secrets at rest: AES-256-GCM under one key, from IDEM_SECRET_KEY or from a file of IDEM_HOME that is
 * made when first needed. The place of use is authenticated too: a secret moved to another row does
 * not open.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { AppError } from "../../core/errors.ts";

const FILE = "secret.key";
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;

export interface SecretBox {
  seal(text: string, place: string): Buffer;
  /** @throws AppError UNAVAILABLE when the key is another one, or the place */
  open(sealed: Buffer, place: string): string;
}

/**
 * @param env IDEM_SECRET_KEY, 32 bytes as base64, and IDEM_HOME
 * @throws AppError INVALID_INPUT when the key is not one, UNAVAILABLE when it cannot be stored
 */
export function openSecretBox(env: Readonly<Record<string, string | undefined>>): SecretBox {
  const given = env.IDEM_SECRET_KEY;
  const key =
    given === undefined || given === ""
      ? keyOfHome(resolve(env.IDEM_HOME || ".idem"))
      : readKey(given, "IDEM_SECRET_KEY");
  return {
    seal(text, place) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(Buffer.from(place));
      const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), body]);
    },
    open(sealed, place) {
      try {
        const iv = sealed.subarray(0, IV_BYTES);
        const decipher = createDecipheriv("aes-256-gcm", key, iv, { authTagLength: TAG_BYTES })
          .setAAD(Buffer.from(place))
          .setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
        const body = sealed.subarray(IV_BYTES + TAG_BYTES);
        return Buffer.concat([decipher.update(body), decipher.final()]).toString("utf8");
      } catch (cause) {
        throw new AppError("UNAVAILABLE", "A stored secret cannot be read with the present key.", {
          fix: "Set IDEM_SECRET_KEY to the key it was stored with, or enter the secret again.",
          cause,
        });
      }
    },
  };
}

function readKey(text: string, from: string): Buffer {
  const key = Buffer.from(text.trim(), "base64");
  if (key.length === KEY_BYTES && new Set(key).size > 1) return key;
  throw new AppError("INVALID_INPUT", `${from} is no key of 32 random bytes in base64.`, {
    fix: "Make one with: openssl rand -base64 32",
  });
}

function keyOfHome(home: string): Buffer {
  const file = join(home, FILE);
  const known = readIfThere(file);
  if (known !== null) return readKey(known, file);
  const own = `${file}.${process.pid}`;
  try {
    mkdirSync(home, { recursive: true });
    writeFileSync(own, `${randomBytes(KEY_BYTES).toString("base64")}\n`, { mode: 0o600 });
    // Fails when another process was first: then its key counts.
    linkSync(own, file);
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "EEXIST")) {
      throw new AppError("UNAVAILABLE", `The key of secrets cannot be stored in ${home}.`, {
        fix: "Give this account the right to write there, or set IDEM_SECRET_KEY.",
        cause,
      });
    }
  } finally {
    rmSync(own, { force: true });
  }
  return readKey(readFileSync(file, "utf8"), file);
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

/** What a channel's secret is bound to. */
export const placeOfChannel = (name: string): string => `channel ${name}`;
