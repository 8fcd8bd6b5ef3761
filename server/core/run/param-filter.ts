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
  const value = text.slice(at + 1);
  try {
    return { name, value: JSON.parse(value) as Json };
  } catch {
    return { name, value };
  }
}
