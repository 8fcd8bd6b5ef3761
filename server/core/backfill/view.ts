/**
 * What people and programs see of backfills: the values that use cases return, the API sends and
 * components draw. Ids are decimal strings. Times are ISO 8601 in UTC unless a field says otherwise.
 */
import type { Json } from "../flow/spec.ts";
import type { Page } from "../page.ts";
import type { CalendarPick } from "../run/calendar-view.ts";
import type { FirstError, IntervalView, RunDraft } from "../run/view.ts";
import type { ScheduleWords } from "../schedule/words.ts";
import type {
  BackfillOrder,
  BackfillState,
  BackfillStep,
  ReasonKind,
  Reprocess,
  RowCounts,
  RowState,
} from "./states.ts";
import type { BackfillWait } from "./wait.ts";

/** Where the rows come from: a range of dates, intervals that were listed, or sets of parameters. */
export type BackfillSource =
  | {
      kind: "range";
      /** As asked for: every interval that starts in [from, to) belongs to it. */
      from: string;
      to: string;
      step: BackfillStep;
      /** The schedule of the revision that gives the intervals, counted from 1; null unless asked. */
      schedule: number | null;
    }
  | { kind: "intervals" }
  | { kind: "sets" };

/** Why a backfill is paused. */
export type BackfillPause =
  | { kind: "person"; by: string; at: string }
  /** Not all of the first rows succeeded. */
  | { kind: "canary"; failed: number; at: string }
  /** As many failed as it was to stop after. */
  | { kind: "failures"; failed: number; at: string }
  /** The flow was archived. */
  | { kind: "archived"; at: string }
  /** Its runs could not be made; the message says why. */
  | { kind: "fault"; message: string; at: string };

export interface BackfillSummary {
  id: string;
  flow: string;
  flowName: string | null;
  revision: number;
  state: BackfillState;
  source: BackfillSource;
  /** From the start of the earliest interval to the end of the latest; null for sets. */
  range: IntervalView | null;
  timezone: string;
  /** Parameters of the runs, defaults included; with sets, what all of them have in common. */
  params: Record<string, Json>;
  order: BackfillOrder;
  /** Most runs at a time. */
  concurrency: number;
  reprocess: Reprocess;
  /** Rows that must succeed before the others start; null when none, or when that is behind. */
  canary: number | null;
  stopAfter: number | null;
  total: number;
  /** Counted from the rows; always sums to `total`. */
  counts: RowCounts;
  pause: BackfillPause | null;
  /** Typed for guarded tasks that are run again. */
  reason: string | null;
  createdBy: string;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  /** Rows ended per hour, over the last up to 100 of them; null before the third, and once it ended. */
  perHour: number | null;
  /** When the last row will have ended at this pace; null while nothing can be said. */
  eta: string | null;
}

/** What can be asked of a backfill now. */
export interface BackfillControls {
  start: boolean;
  pause: boolean;
  resume: boolean;
  setConcurrency: boolean;
  cancel: boolean;
  retryFailed: boolean;
}

export interface BackfillEventView {
  id: string;
  at: string;
  actor: string;
  /** started, paused, resumed, concurrency, cancel_requested, retried, rerun, stopped, ended */
  verb: string;
  detail: Json;
}

export interface BackfillDetail extends BackfillSummary {
  latestRevision: number;
  planHash: string;
  /** Chosen rows that run tasks again whose effects do not replace the old ones. */
  guarded: { rows: number; tasks: string[] };
  /** Why the rows that wait do; null when none waits, and before it is started. */
  waits: BackfillWait | null;
  controls: BackfillControls;
  /** The newest 50, newest first. */
  events: BackfillEventView[];
  /** Raised by every change; watching goes on from here. */
  version: string;
  /** Database time when this was read. */
  now: string;
}

/** A stored plan: what would happen, and the hash that confirms exactly this. */
export interface BackfillPlan {
  id: string;
  hash: string;
  flow: string;
  revision: number;
  latestRevision: number;
  source: BackfillSource;
  range: IntervalView | null;
  timezone: string;
  params: Record<string, Json>;
  total: number;
  counts: { run: number; skip: number };
  /** Rows by what the latest run of each says; sums to `total`. */
  reasons: Record<ReasonKind, number>;
  guarded: { rows: number; tasks: string[] };
  /** The first rows, in the order in which they are worked off; `backfills.intervals` has the rest. */
  rows: Page<BackfillRowView>;
}

/** One row of the ledger. */
export interface BackfillRowView {
  /** 0-based place in the order of work. */
  ordinal: number;
  /** Null in a backfill over sets. */
  interval: IntervalView | null;
  /** All parameters of the row, in a backfill over sets; null otherwise. */
  params: Record<string, Json> | null;
  decision: "run" | "skip";
  reason: { kind: ReasonKind; run: string | null };
  /** True when tasks are run again whose effects do not replace the old ones. */
  guarded: boolean;
  state: RowState;
  /** The newest of its runs; null before the first. */
  run: string | null;
  /** Runs made so far: 1 after the first, more after retries. */
  tries: number;
  endedAt: string | null;
  /** Of the newest run, when it failed. */
  firstError: FirstError | null;
  /** Why a retry could not be made, in one sentence. */
  problem: string | null;
  /** Why it waits; null when it does not, and before the backfill is started. */
  waits: BackfillWait | null;
}

/**
 * All rows in compact form: element i of each list is the row with ordinal i. `states` and
 * `decisions` hold places in `rowStates` and in ["run", "skip"].
 */
export interface BackfillCells {
  id: string;
  version: string;
  total: number;
  /** Milliseconds since 1970; null in a backfill over sets. */
  starts: number[] | null;
  ends: number[] | null;
  states: number[];
  decisions: number[];
  runs: (string | null)[];
}

/** Rows that changed; the lists go together. */
export interface ChangedCells {
  ordinals: number[];
  /** Places in `rowStates`. */
  states: number[];
  runs: (string | null)[];
}

/** What a live subscription sends: the head anew, and the rows that changed. */
export interface BackfillDelta {
  version: string;
  backfill: BackfillDetail;
  changed: ChangedCells;
}

export interface BackfillList {
  items: BackfillSummary[];
  /** Cursor of the following page, or null at the end. */
  next: string | null;
  /** Database time when this was read. */
  now: string;
}

/** A schedule whose intervals a backfill can take. */
export interface ScheduleChoice {
  /** Counted from 1. */
  position: number;
  cron: string;
  /** Null for a pattern without plain words. */
  words: ScheduleWords | null;
  timezone: string;
  /** The instants between which it ticks; null where it has no bound. */
  start: string | null;
  end: string | null;
  /** Values that it gives its runs. */
  params: Record<string, Json>;
}

/** Intervals that stand where dates would, and where they were chosen. */
export interface ChosenIntervals {
  intervals: IntervalView[];
  from: { kind: "backfill"; id: string } | { kind: "calendar"; year: number; pick: CalendarPick };
}

/** What the form of a backfill starts from. */
export interface BackfillDraftView {
  /** Parameters and revision as for a run, without an interval. */
  run: RunDraft;
  /** Those of the revision, in its order. */
  schedules: ScheduleChoice[];
  /** The backfill whose settings fill the form; null when none was named. */
  earlier: BackfillSummary | null;
  /** Its sets of parameters, in their order, without what all have in common; null without sets. */
  sets: Record<string, Json>[] | null;
  chosen: ChosenIntervals | null;
  /** The latest interval that the flow has run for; null when it never ran for one. */
  latest: IntervalView | null;
  /** Database time when this was read. */
  now: string;
}
