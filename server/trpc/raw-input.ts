import { AppError } from "#server/core/errors.ts";
import { textFault } from "#server/core/flow/names.ts";

/** Deeper input than any procedure asks for. */
const maxDepth = 100;

/**
 * Refuses what no schema should have to think of: NUL characters, which PostgreSQL cannot store, halves
 * of surrogate pairs, which become one and the same character on the way there, keys that reach an
 * object's prototype, which schemas drop silently, and nesting without end.
 * @throws AppError INVALID_INPUT
 */
export function refuseHostile(input: unknown): void {
  const open: { value: unknown; depth: number }[] = [{ value: input, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    if (typeof value === "string") refuseUnfit(value);
    if (typeof value !== "object" || value === null) continue;
    if (depth >= maxDepth) refuse("The request is nested too deeply.");
    for (const key of Object.keys(value)) {
      if (key === "__proto__") refuse('The key "__proto__" is not allowed.');
      refuseUnfit(key);
      open.push({ value: (value as Record<string, unknown>)[key], depth: depth + 1 });
    }
  }
}

function refuseUnfit(text: string): void {
  const fault = textFault(text);
  if (fault !== null) refuse(`Texts of the request ${fault}.`);
}

function refuse(message: string): never {
  throw new AppError("INVALID_INPUT", message, { fix: "Remove it and send the request again." });
}
