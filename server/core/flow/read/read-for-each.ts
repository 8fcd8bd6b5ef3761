import { type ForEach, MAX_TASK_RUNS } from "../spec.ts";
import type { LocatedNode, ScalarNode } from "./located.ts";
import { toJson } from "./located.ts";
import type { Fields } from "./reader.ts";

/** Most items in one task run. */
const MAX_BATCH = 1_000_000;

/** What a task says about the list it is executed over, and the expression to check, if it has one. */
export interface ReadForEach {
  forEach: ForEach;
  expression: ScalarNode | null;
}

/** Reads `for_each` and `batch`. @returns null when the task has neither, or something was reported */
export function readForEach(fields: Fields): ReadForEach | null {
  const { reader, node } = fields;
  const batchAt = node.entries.get("batch")?.at;
  if (batchAt !== undefined && !node.entries.has("for_each")) {
    return reader.report(
      "INVALID_VALUE",
      batchAt,
      '"batch" says nothing without for_each.',
      "Set for_each to a list, or remove batch.",
    );
  }
  const batch = fields.optional("batch", (n) =>
    reader.number("batch", n, { min: 1, max: MAX_BATCH }, true),
  );
  const over = fields.optional("for_each", (n) => readList(fields, n));
  if (over === undefined) return null;
  const source = node.entries.get("for_each")?.value;
  return {
    forEach: { over, ...(batch === undefined ? {} : { batch }) },
    expression: typeof over === "string" && source?.kind === "scalar" ? source : null,
  };
}

/** A list as it stands, or an expression that gives one. */
function readList({ reader }: Fields, node: LocatedNode): ForEach["over"] | null {
  if (node.kind === "list") {
    if (node.items.length <= MAX_TASK_RUNS) return node.items.map(toJson);
    return reader.report(
      "TOO_LARGE",
      node.at,
      `The list has ${node.items.length} items, more than ${MAX_TASK_RUNS}.`,
      "Let a task upstream return the list, and set batch.",
    );
  }
  const text = reader.text("for_each", node);
  if (text === null) return null;
  const braces = /^\s*\{\{(.*)\}\}\s*$/s.exec(text);
  if (braces !== null) {
    return reader.report(
      "INVALID_VALUE",
      node.at,
      '"for_each" is an expression, not a template.',
      `Write ${braces[1]?.trim()} without the braces.`,
    );
  }
  return text.trim();
}
