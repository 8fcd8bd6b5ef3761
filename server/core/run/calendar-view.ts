import type { RunState } from "./states.ts";

/** States of the calendar by their place in `FlowCalendar.states`. */
export const calendarStates = [
  "queued",
  "running",
  "succeeded",
  "failed",
  "cancelled",
] as const satisfies readonly RunState[];

/** Most intervals of one year that are shown: more than its hours. */
export const MAX_CALENDAR_CELLS = 10_000;

/**
 * The intervals of a flow that start within a year, each by its newest run, in the order of time.
 * Element i of each list is about the same interval.
 */
export interface FlowCalendar {
  flow: string;
  year: number;
  /** Zone whose calendar the year follows: that of the flow's first schedule, or UTC. */
  timezone: string;
  /** First and last year with an interval; null when the flow has none. */
  years: { first: number; last: number } | null;
  /** Milliseconds since 1970. */
  starts: number[];
  ends: number[];
  /** Places in `calendarStates`. */
  states: number[];
  /** Numbers of the revisions that the runs were of. */
  revisions: number[];
  runs: string[];
  /** True when the year has more intervals than are shown. */
  truncated: boolean;
}
