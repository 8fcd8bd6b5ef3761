import type { Json } from "../flow/spec.ts";
import type { RunState } from "./states.ts";

/** States of the calendar by their place in `FlowCalendar.states`. */
export const calendarStates = [
  "queued",
  "running",
  "succeeded",
  "failed",
  "cancelled",
] as const satisfies readonly RunState[];

/** Most intervals that are shown at once: more than a year has hours. What follows is a part of its own. */
export const MAX_CALENDAR_CELLS = 10_000;

/** Most parameter choices that are offered. */
export const MAX_PARAM_CHOICES = 20;

/** Values that runs of a year have. */
export interface ParamChoice {
  params: Record<string, Json>;
  /** How many runs have exactly these, among the newest ones that were looked at. */
  runs: number;
}

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
  /**
   * Runs with another value for one of these do not count; null when runs with any parameters do.
   */
  params: Record<string, Json> | null;
  /** What `params` is unless somebody chooses: the values of the first schedule, or the defaults. */
  usual: Record<string, Json>;
  /** Other values that runs of the year have, the most frequent first. */
  choices: ParamChoice[];
  /** Milliseconds since 1970. */
  starts: number[];
  ends: number[];
  /** Places in `calendarStates`. */
  states: number[];
  /** Numbers of the revisions that the runs were of. */
  revisions: number[];
  runs: string[];
  /** The day, `YYYY-MM-DD`, that a part of the year begins with; null for its first part. */
  since: string | null;
  /** The first day of the year that is not shown, because there is no room for it; null for none. */
  rest: string | null;
}

/** Which intervals of a calendar: those in a state, or those built before a revision. */
export type CalendarPick = { state: RunState } | { before: number };

/** Reads what `pickText` wrote; null for anything else. */
export function readPick(text: string | null | undefined): CalendarPick | null {
  const state = calendarStates.find((known) => known === text);
  if (state !== undefined) return { state };
  const before = /^r([1-9]\d{0,8})$/.exec(text ?? "")?.[1];
  return before === undefined ? null : { before: Number(before) };
}

/** A pick as addresses hold it: `failed`, `r3`. */
export function pickText(pick: CalendarPick): string {
  return "state" in pick ? pick.state : `r${pick.before}`;
}

/** Places in the lists of the intervals that are picked. */
export function pickCells(
  { states, revisions }: Pick<FlowCalendar, "states" | "revisions">,
  pick: CalendarPick,
): number[] {
  return states.flatMap((state, cell) => {
    const isPicked =
      "state" in pick
        ? calendarStates[state] === pick.state
        : (revisions[cell] ?? Number.POSITIVE_INFINITY) < pick.before;
    return isPicked ? [cell] : [];
  });
}

/** Which runs count, as addresses hold it; undefined, which means the usual ones, for all else. */
export function readParamsText(text: unknown): Record<string, Json> | "any" | undefined {
  if (text === "any") return text;
  if (typeof text !== "string") return undefined;
  try {
    const value: Json = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? value : undefined;
  } catch {
    // Cut off when it was copied, say: the page shows which parameters it takes instead.
    return undefined;
  }
}
