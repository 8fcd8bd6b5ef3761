/** The parameters as JSON text and back. */
import type { Json } from "#server/core/flow/spec.ts";

export type ParsedParams =
  | { ok: true; values: Record<string, Json> }
  | { ok: false; reason: "syntax"; line: number | null }
  | { ok: false; reason: "shape" };

/** Finds the line of a JSON syntax error in the words of V8, SpiderMonkey or JavaScriptCore. */
function lineOf(message: string, text: string): number | null {
  const line = /line (\d+)/.exec(message)?.[1];
  if (line !== undefined) return Number(line);
  const position = /position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return text.slice(0, Number(position)).split("\n").length;
  // V8 names no position when the text ends too early.
  return /end of JSON|end of data|EOF/i.test(message) ? text.split("\n").length : null;
}

/** Text that is not JSON, or JSON that is not an object, is told apart, so that help fits. */
export function parseParams(text: string): ParsedParams {
  let value: unknown;
  try {
    value = text.trim() === "" ? {} : JSON.parse(text);
  } catch (error) {
    return {
      ok: false,
      reason: "syntax",
      line: lineOf(error instanceof Error ? error.message : "", text),
    };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { ok: false, reason: "shape" };
  }
  return { ok: true, values: value as Record<string, Json> };
}

export function writeParams(values: Readonly<Record<string, Json>>): string {
  return `${JSON.stringify(values, null, 2)}\n`;
}
