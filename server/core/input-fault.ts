import { textFault } from "./flow/names.ts";

/**
 * What no schema should have to think of: NUL characters, which PostgreSQL cannot store, halves of
 * surrogate pairs, which become one and the same character on the way there, keys that reach an object's
 * prototype, which schemas drop silently, numbers that JSON cannot hold, and nesting without end.
 * @param maxDepth of objects and lists inside each other
 * @returns why the value must not be taken, as a sentence, or null when it may
 */
export function inputFault(input: unknown, maxDepth: number): string | null {
  const open: { value: unknown; depth: number }[] = [{ value: input, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    const fault = typeof value === "string" ? textFault(value) : null;
    if (fault !== null) return `Texts of the request ${fault}.`;
    if (typeof value === "number" && !Number.isFinite(value))
      return "A number of the request is too large.";
    if (typeof value !== "object" || value === null) continue;
    if (depth >= maxDepth) return "The request is nested too deeply.";
    for (const [key, item] of Object.entries(value)) {
      if (key === "__proto__") return 'The key "__proto__" is not allowed.';
      open.push({ value: key, depth }, { value: item, depth: depth + 1 });
    }
  }
  return null;
}
