import type { Fields } from "./reader.ts";

/** Words for the priorities that most people need. */
export const namedPriorities = { low: -50, normal: 0, high: 50 } as const;

export const LEAST_PRIORITY = -100;
export const HIGHEST_PRIORITY = 100;

/** `priority` of a flow or a task: a word or a whole number; undefined when absent or reported. */
export function readPriority(fields: Fields): number | undefined {
  const { reader } = fields;
  return fields.optional("priority", (node) => {
    const isWord =
      node.kind === "scalar" && typeof node.value === "string" && !/^[-+]?[0-9.]/.test(node.source);
    if (!isWord) {
      const limits = { min: LEAST_PRIORITY, max: HIGHEST_PRIORITY };
      return reader.number("priority", node, limits, true);
    }
    const words = Object.keys(namedPriorities) as (keyof typeof namedPriorities)[];
    const word = reader.oneOf("priority", node, words);
    return word === null ? null : namedPriorities[word];
  });
}
