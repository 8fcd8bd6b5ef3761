import type { BackfillState, RowCounts } from "./states.ts";
import type { BackfillControls } from "./view.ts";

/** What can be asked of a backfill in a state, with these rows. */
export function controlsOf(state: BackfillState, counts: RowCounts): BackfillControls {
  const isOpen = state === "running" || state === "paused";
  return {
    start: state === "planned",
    pause: state === "running",
    resume: state === "paused",
    setConcurrency: isOpen,
    cancel: isOpen || (state === "cancelling" && counts.running > 0),
    // Rows whose run was cancelled by hand are tried again with the failed ones.
    retryFailed: (isOpen || state === "failed") && counts.failed + counts.cancelled > 0,
  };
}
