/** How rows and backfills look: the looks of runs, for words that mean the same. */

import type { AnyState } from "#components/status/status-look.ts";
import type { BackfillState, RowState } from "#server/core/backfill/states.ts";

/** The order in which bars and legends show rows: what is done first. */
export const shownRowStates: readonly RowState[] = [
  "succeeded",
  "failed",
  "cancelled",
  "running",
  "waiting",
  "skipped",
];

export const backfillLook: Readonly<Record<BackfillState, AnyState>> = {
  planned: "waiting",
  running: "running",
  paused: "retry_wait",
  cancelling: "cancelled",
  succeeded: "succeeded",
  failed: "failed",
  cancelled: "cancelled",
};
