/** What the home page shows. */
import type { RunnerView } from "./queue/runner-view.ts";
import type { RunState } from "./run/states.ts";
import type { RunSummary } from "./run/view.ts";
import type { NextTickView } from "./schedule/view.ts";

/** A run that failed. */
export interface FailureView extends RunSummary {
  /** The newest run after it that was to do the same: of its interval and parameters, or its identity. */
  followedBy: { id: string; state: RunState } | null;
}

export interface OverviewView {
  /** Runs that failed in the last 24 hours, newest first, at most 20. */
  failures: FailureView[];
  /** How many failed in the last 24 hours, counted up to 1,000. */
  failureCount: number;
  /** Running ones, then queued ones, each newest first; at most 20. */
  active: RunSummary[];
  /** How many runs are running and queued, each counted up to 1,000. */
  activeCounts: { running: number; queued: number };
  queue: { ready: number; running: number; retryWait: number; oldestReadyAt: string | null };
  runners: RunnerView[];
  flowCount: number;
  runCount24h: number;
  brokenSources: number;
  /** The next ticks over all flows, at most 5. */
  nextTicks: NextTickView[];
  /** Schedules that missed ticks or could not fire within the last 24 hours. */
  troubledSchedules: number;
  now: string;
}
