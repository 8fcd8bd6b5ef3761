import { AppError } from "#server/core/errors.ts";

/** Deeper input than any procedure asks for. */
const maxDepth = 100;

/**
 * Refuses what no schema should have to think of: NUL bytes, which PostgreSQL cannot store, keys
 * that reach an object's prototype, which schemas drop silently, and nesting without end.
 * @throws AppError INVALID_INPUT
 */
export function refuseHostile(input: unknown): void {
  const open: { value: unknown; depth: number }[] = [{ value: input, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    if (typeof value === "string") refuseNul(value);
    if (typeof value !== "object" || value === null) continue;
    if (depth >= maxDepth) refuse("The request is nested too deeply.");
    for (const key of Object.keys(value)) {
      if (key === "__proto__") refuse('The key "__proto__" is not allowed.');
      refuseNul(key);
      open.push({ value: (value as Record<string, unknown>)[key], depth: depth + 1 });
    }
  }
}

function refuseNul(text: string): void {
  if (text.includes("\u0000")) refuse("The request holds a NUL byte.");
}

function refuse(message: string): never {
  throw new AppError("INVALID_INPUT", message, { fix: "Remove it and send the request again." });
}
