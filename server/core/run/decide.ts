/** What becomes of a task all of whose needs have ended. */
import type { TaskState } from "./states.ts";

export type StartDecision = "run" | "skipped" | "upstream_failed" | "cancelled";

export interface StartInput {
  /** States of the needs, all of them ended. */
  needs: readonly TaskState[];
  /** The answer of the author's condition, or null when the task has none. */
  condition: boolean | null;
  /** True when the run was asked to stop: nothing starts any more. */
  cancelRequested: boolean;
}

/** True when a task after this need is only reached by `failure()` or `always()`. */
export function isTrouble(need: TaskState): boolean {
  return need === "failed" || need === "upstream_failed" || need === "cancelled";
}

/**
 * Decides whether a task starts. Without a condition it starts when every need succeeded or was
 * reused; trouble in a need spreads as `upstream_failed`, a skipped need as `skipped`.
 * A condition that does not hold means `skipped`, unless a need is in trouble: what did not run
 * because of a failure must not look like what the author chose to leave out.
 */
export function decideStart(input: StartInput): StartDecision {
  if (input.cancelRequested) return "cancelled";
  if (input.condition === true) return "run";
  if (input.needs.some(isTrouble)) return "upstream_failed";
  if (input.condition === false || input.needs.includes("skipped")) return "skipped";
  return "run";
}
