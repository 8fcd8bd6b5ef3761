import type { TaskState, TaskStateCounts } from "#server/core/run/states.ts";

/** From what most needs a look to what least does. */
export const bySeverity: readonly TaskState[] = [
  "failed",
  "upstream_failed",
  "retry_wait",
  "running",
  "cancelled",
  "ready",
  "waiting",
  "skipped",
  "reused",
  "succeeded",
];

/** The states that occur, the most pressing first. */
export function presentStates(counts: TaskStateCounts): { state: TaskState; count: number }[] {
  return bySeverity.flatMap((state) => {
    const count = counts[state] ?? 0;
    return count > 0 ? [{ state, count }] : [];
  });
}

/** The one state that stands for a group: the most pressing; null when nothing is known. */
export function leadingState(counts: TaskStateCounts): TaskState | null {
  return presentStates(counts)[0]?.state ?? null;
}
