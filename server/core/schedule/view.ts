/**
 * What people and programs see of schedules: the values that use cases return, the API sends and
 * components draw. Times are ISO 8601 in UTC.
 */
import type { Json } from "../flow/spec.ts";
import type { RunState } from "../run/states.ts";
import type { FirstError } from "../run/view.ts";
import type { Catchup } from "./catchup.ts";
import type { Overlap } from "./overlap.ts";
import type { ScheduleWords } from "./words.ts";

/**
 * `over`: no tick is left. `resting`: the flow is archived, or the pattern could not be followed;
 * nothing fires until the flow is published again.
 */
export type ScheduleState = "active" | "paused" | "over" | "resting";

/** What became of the newest tick, or newest ticks, that something became of. */
export type ScheduleOutcome =
  | {
      kind: "run";
      tick: string;
      run: string;
      state: RunState;
      /** True while the run waits for earlier runs of the schedule to end. */
      held: boolean;
      finishedAt: string | null;
      firstError: FirstError | null;
    }
  /** No run, because `run` had not ended. */
  | { kind: "skipped"; tick: string; run: string }
  | { kind: "failed"; tick: string; message: string }
  | ({ kind: "missed"; tick: string } & MissedTicks);

/** Ticks that passed while nothing could fire them. */
export interface MissedTicks {
  catchup: Catchup;
  first: string;
  last: string;
  count: number;
  /** False when there were more than were counted. */
  exact: boolean;
  /** How many were fired after all. */
  started: number;
}

export interface ScheduleView {
  flow: string;
  flowName: string | null;
  /** Names the schedule within its flow; stays the same when the schedule is edited. */
  key: string;
  state: ScheduleState;
  cron: string;
  /** Null when the pattern has no plain words. */
  words: ScheduleWords | null;
  timezone: string;
  catchup: Catchup;
  overlap: Overlap;
  start: string | null;
  end: string | null;
  /** The values that the schedule gives; other parameters have their defaults. */
  params: Record<string, Json>;
  paused: { at: string; by: string } | null;
  /** The next ticks, at most 5; none unless active. */
  next: string[];
  last: ScheduleOutcome | null;
  /** Runs that have not ended. */
  open: number;
  /** The newest report of missed ticks within the last 7 days. */
  missed: ({ at: string } & MissedTicks) | null;
}

/** What happened to a schedule, newest first. */
export interface ScheduleEventView {
  id: string;
  at: string;
  actor: string;
  verb: string;
  tick: string | null;
  detail: Json;
}

/** A page of the list of schedules. */
export interface ScheduleList {
  items: ScheduleView[];
  /** Cursor of the following page, or null at the end. */
  next: string | null;
  /** Database time when this was read. */
  now: string;
}

export interface ScheduleDetail extends ScheduleView {
  /** At most 50. */
  events: ScheduleEventView[];
}

/** A tick to come, for lists over all flows. */
export interface NextTickView {
  flow: string;
  flowName: string | null;
  key: string;
  tick: string;
  timezone: string;
}
