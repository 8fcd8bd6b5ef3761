/** States of runs, task runs and attempts, exactly the words people see. */

export const runStates = ["queued", "running", "succeeded", "failed", "cancelled"] as const;
export type RunState = (typeof runStates)[number];

export const taskStates = [
  "waiting",
  "ready",
  "running",
  "retry_wait",
  "succeeded",
  "failed",
  "cancelled",
  "upstream_failed",
  "skipped",
  "reused",
] as const;
export type TaskState = (typeof taskStates)[number];

/** `running` is the live attempt, which has no stored row yet. */
export const attemptStates = [
  "running",
  "succeeded",
  "failed",
  "timed_out",
  "cancelled",
  "lost",
] as const;
export type AttemptState = (typeof attemptStates)[number];
export type EndedAttemptState = Exclude<AttemptState, "running">;

export const runTriggers = [
  "manual",
  "api",
  "rerun",
  "changes",
  "schedule",
  "backfill",
  "flow",
] as const;
export type RunTrigger = (typeof runTriggers)[number];

const endedRun: ReadonlySet<RunState> = new Set(["succeeded", "failed", "cancelled"]);
const endedTask: ReadonlySet<TaskState> = new Set([
  "succeeded",
  "failed",
  "cancelled",
  "upstream_failed",
  "skipped",
  "reused",
]);

export const isRunEnded = (state: RunState): boolean => endedRun.has(state);
export const isTaskEnded = (state: TaskState): boolean => endedTask.has(state);

/**
 * Transitions of a task run. `waiting → failed` is a condition that cannot be evaluated, `running → ready` is a lost attempt or a hand-back, `retry_wait → ready`
 * the end of a delay, or the turn of a task that is tried apart. An ended state has no way out: a rerun is another run.
 */
export const taskTransitions: Readonly<Record<TaskState, readonly TaskState[]>> = {
  waiting: ["ready", "running", "failed", "skipped", "upstream_failed", "cancelled"],
  ready: ["running", "cancelled"],
  running: ["succeeded", "failed", "cancelled", "retry_wait", "ready"],
  retry_wait: ["ready", "cancelled"],
  succeeded: [],
  failed: [],
  cancelled: [],
  upstream_failed: [],
  skipped: [],
  reused: [],
};

/** How many attempts in a row may be lost with their runner before the task counts as poison. */
export const MAX_LOST_IN_ROW = 3;

/** From so many losses in a row on a task is a suspect: it is tried apart from those lost with it. */
export const SUSPECT_FROM = MAX_LOST_IN_ROW - 1;

/**
 * The state of a run all of whose task runs have ended.
 * A cancelled run is one that was asked to stop and lost at least one task to that.
 */
export function endState(
  tasks: Iterable<TaskState>,
  cancelRequested: boolean,
): "succeeded" | "failed" | "cancelled" {
  let cancelled = false;
  let failed = false;
  for (const state of tasks) {
    if (state === "cancelled") cancelled = true;
    if (state === "failed" || state === "upstream_failed") failed = true;
  }
  if (cancelRequested && cancelled) return "cancelled";
  return failed || cancelled ? "failed" : "succeeded";
}

export type TaskStateCounts = Partial<Record<TaskState, number>>;
