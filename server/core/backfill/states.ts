/** Words of backfills, exactly as people see them. */

/**
 * `planned`: stored, nothing starts before somebody confirms it. `cancelling`: nothing more starts,
 * runs that were started go on to their end.
 */
export const backfillStates = [
  "planned",
  "running",
  "paused",
  "cancelling",
  "succeeded",
  "failed",
  "cancelled",
] as const;
export type BackfillState = (typeof backfillStates)[number];

/**
 * States of a row of the ledger. `waiting` has not been started (or not again), `running` has a run
 * that has not ended, `skipped` is not run because the plan says so.
 */
export const rowStates = [
  "waiting",
  "running",
  "succeeded",
  "failed",
  "cancelled",
  "skipped",
] as const;
export type RowState = (typeof rowStates)[number];
/** Always every state, so that they can be summed up. */
export type RowCounts = Record<RowState, number>;

export const backfillOrders = ["asc", "desc"] as const;
export type BackfillOrder = (typeof backfillOrders)[number];

export const backfillSteps = ["schedule", "hour", "day", "week", "month"] as const;
export type BackfillStep = (typeof backfillSteps)[number];

/**
 * Which intervals are run: `missing` those without any run, `failed` these and those whose latest
 * run failed or was cancelled, `all` those that succeeded as well. Live runs are never doubled.
 */
export const reprocessModes = ["missing", "failed", "all"] as const;
export type Reprocess = (typeof reprocessModes)[number];

/** What the latest run of an interval says about it. */
export const reasonKinds = ["missing", "failed", "cancelled", "succeeded", "live"] as const;
export type ReasonKind = (typeof reasonKinds)[number];

/** Most rows of one backfill. */
export const MAX_ROWS = 50_000;
export const MAX_CONCURRENCY = 1_000;
export const DEFAULT_CONCURRENCY = 4;
/**
 * Added to the priorities of a flow and its tasks, which have −100…100: schedules and people go first,
 * whatever their flows say.
 */
export const BACKFILL_PRIORITY = -201;

const ended: ReadonlySet<BackfillState> = new Set(["succeeded", "failed", "cancelled"]);

export const isBackfillEnded = (state: BackfillState): boolean => ended.has(state);

/** True when nothing more happens to a row by itself. */
export const isRowEnded = (state: RowState): boolean => state !== "waiting" && state !== "running";

/** @returns a count for each state, zero where `some` has none */
export function fillCounts(some: Partial<RowCounts>): RowCounts {
  return Object.fromEntries(rowStates.map((state) => [state, some[state] ?? 0])) as RowCounts;
}

export function sumCounts(counts: RowCounts): number {
  return rowStates.reduce((sum, state) => sum + counts[state], 0);
}
