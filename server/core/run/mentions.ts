/** Which outputs a template or condition reads, so that only those are fetched. */

/** `tasks[` followed by anything but a quoted name: which task is meant is known only when rendered. */
const computed = /\btasks\s*\[\s*[^"'\s]/;

/**
 * Tasks that the texts may read from. Errs on the side of too many, never of too few.
 * @param upstream ids of all tasks upstream
 */
export function mentionedTasks(texts: Iterable<string>, upstream: Iterable<string>): string[] {
  const relevant = [...texts].filter((text) => text.includes("tasks"));
  if (relevant.length === 0) return [];
  if (relevant.some((text) => computed.test(text))) return [...upstream];
  return [...upstream].filter((id) => relevant.some((text) => text.includes(id)));
}

/** Every string inside a JSON value, however deep. */
export function* stringsIn(value: unknown): Generator<string> {
  if (typeof value === "string") yield value;
  else if (Array.isArray(value)) for (const item of value) yield* stringsIn(item);
  else if (typeof value === "object" && value !== null) {
    for (const item of Object.values(value)) yield* stringsIn(item);
  }
}
