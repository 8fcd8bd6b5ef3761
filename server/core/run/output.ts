/** What a task may hand to the tasks after it: JSON of at most 1 MB. */
import { AppError } from "../errors.ts";
import type { Json } from "../flow/spec.ts";

export const MAX_OUTPUT_BYTES = 1024 * 1024;
const MAX_DEPTH = 200;

const invalid = (message: string, cause?: unknown): AppError =>
  new AppError("INVALID_INPUT", message, { cause });

/**
 * Reads the output of a task from its text.
 * @throws AppError INVALID_INPUT when it is too long, no JSON, or cannot be stored
 */
export function parseOutput(text: string): Json {
  if (Buffer.byteLength(text) > MAX_OUTPUT_BYTES) throw tooLong();
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw invalid(`The output is not JSON: ${why}.`, cause);
  }
  check(value, 0);
  return value;
}

/**
 * Checks a value that came as JSON already.
 * @throws AppError as parseOutput
 */
export function checkOutput(value: Json): Json {
  check(value, 0);
  if (Buffer.byteLength(JSON.stringify(value)) > MAX_OUTPUT_BYTES) throw tooLong();
  return value;
}

/**
 * The value as PostgreSQL's jsonb gives it back: keys by their length in UTF-8, then by their bytes.
 * A task that reads an output sees the same whether it comes from the database or from memory.
 */
export function storedForm(value: Json): Json {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(storedForm);
  const entries = Object.entries(value).map(([key, item]) => ({ key: Buffer.from(key), item }));
  entries.sort((a, b) => a.key.length - b.key.length || Buffer.compare(a.key, b.key));
  return Object.fromEntries(
    entries.map(({ key, item }) => [key.toString("utf8"), storedForm(item)]),
  );
}

export function tooLong(): AppError {
  return invalid("The output is longer than 1 MB; write it to a file and hand over its place.");
}

function check(value: Json, depth: number): void {
  if (depth > MAX_DEPTH) throw invalid(`The output is nested deeper than ${MAX_DEPTH} levels.`);
  switch (typeof value) {
    case "string":
      checkText(value);
      return;
    case "number":
      // JSON.parse makes Infinity of 1e400, which would be stored as null.
      if (!Number.isFinite(value)) throw invalid("The output has a number that is too large.");
      return;
    case "object":
      if (Array.isArray(value)) for (const item of value) check(item, depth + 1);
      else if (value !== null) {
        for (const [key, item] of Object.entries(value)) {
          checkText(key);
          check(item, depth + 1);
        }
      }
      return;
  }
}

const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** What PostgreSQL's jsonb refuses. */
function checkText(text: string): void {
  if (text.includes("\0")) throw invalid("The output has a text with a NUL character.");
  if (loneSurrogate.test(text)) throw invalid("The output has a text with half a surrogate pair.");
}
