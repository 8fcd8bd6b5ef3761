import type { Json } from "#server/core/flow/spec.ts";

/**
 * Reads `name=value`, by which runs are looked for. The value is JSON when it can be (`3`, `true`,
 * `"3"`), text otherwise.
 * @returns null when there is no name
 */
export function parseParam(text: string): { name: string; value: Json } | null {
  const at = text.indexOf("=");
  const name = text.slice(0, at).trim();
  if (at < 1 || name === "") return null;
  return { name, value: readParamValue(text.slice(at + 1)) };
}

/** The value that a text stands for where no schema says: JSON when it can be, the text otherwise. */
export function readParamValue(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
