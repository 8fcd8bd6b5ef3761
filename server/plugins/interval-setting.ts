import { TaskFailure } from "./sdk.ts";

/** Instants in ISO 8601, UTC. */
export interface Span {
  start: string;
  end: string;
}

/**
 * Reads an interval that a task names, after rendering.
 * @throws TaskFailure of kind `template` when it is none
 */
export function intervalSetting(written: Span): Span {
  const [start, end] = [Date.parse(written.start), Date.parse(written.end)];
  if (start < end) {
    return { start: new Date(start).toISOString(), end: new Date(end).toISOString() };
  }
  throw new TaskFailure({
    kind: "template",
    message: `The interval ${JSON.stringify(written.start)} to ${JSON.stringify(written.end)} is none.`,
  });
}
