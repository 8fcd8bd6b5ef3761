import type { BackfillState } from "./states.ts";

/** Why an interval or set of a backfill that has been started has no run yet. */
export type BackfillWait =
  /** As many runs go on as there may be at a time. */
  | { kind: "window"; window: number; running: number }
  /** The first rows must succeed before any other starts. */
  | { kind: "canary"; rows: number }
  /** Nothing starts before somebody resumes it. */
  | { kind: "paused" }
  /** A run of the same interval, or with the same parameters, goes on. */
  | { kind: "live_run"; run: string }
  /** Nothing keeps it: it is about to start. */
  | { kind: "next" };

/** How a started backfill stands. */
export interface WindowState {
  state: BackfillState;
  concurrency: number;
  running: number;
  /** The rows that must succeed first, and the ordinal of the last of them; null when that is behind. */
  canary: { rows: number; last: number } | null;
}

/**
 * Why the rows that wait do so, in one reason for all of them: what stands before the next one.
 * The same rules as `nextMove`, which starts them.
 */
export function whyBackfillWaits(facts: WindowState): BackfillWait {
  const { state, concurrency, running, canary } = facts;
  if (state === "paused") return { kind: "paused" };
  if (running >= concurrency) return { kind: "window", window: concurrency, running };
  return canary === null ? { kind: "next" } : { kind: "canary", rows: canary.rows };
}

/**
 * Why one waiting row does.
 * @param row.liveRun a run that goes on for the same interval or parameters
 */
export function whyRowWaits(
  facts: WindowState,
  row: { ordinal: number; liveRun: string | null },
): BackfillWait {
  if (facts.state === "paused") return { kind: "paused" };
  if (row.liveRun !== null) return { kind: "live_run", run: row.liveRun };
  const { canary } = facts;
  const isFirst = canary === null || row.ordinal <= canary.last;
  return whyBackfillWaits({ ...facts, canary: isFirst ? null : canary });
}
