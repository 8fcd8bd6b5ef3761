/** The parameters as JSON text and back. */
import type { Json } from "#server/core/flow/spec.ts";

export type ParsedParams =
  | { ok: true; values: Record<string, Json> }
  | { ok: false; reason: "syntax" | "shape" };

/** Text that is not JSON, or JSON that is not an object, is told apart, so that help fits. */
export function parseParams(text: string): ParsedParams {
  let value: unknown;
  try {
    value = text.trim() === "" ? {} : JSON.parse(text);
  } catch {
    return { ok: false, reason: "syntax" };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { ok: false, reason: "shape" };
  }
  return { ok: true, values: value as Record<string, Json> };
}

export function writeParams(values: Readonly<Record<string, Json>>): string {
  return `${JSON.stringify(values, null, 2)}\n`;
}
