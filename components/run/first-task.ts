import { isRunEnded, type RunState } from "#server/core/run/states.ts";
import type { FirstError, TaskRunView } from "#server/core/run/view.ts";

/**
 * The task that a run's page opens at: where it first failed; while it is live, what runs or waits
 * longest; otherwise the task that ended last.
 * @returns null when the run has no tasks
 */
export function firstTask(run: {
  state: RunState;
  firstError: FirstError | null;
  tasks: readonly TaskRunView[];
}): string | null {
  const { state, firstError, tasks } = run;
  if (firstError !== null && tasks.some(({ id }) => id === firstError.task)) return firstError.task;
  const failed = tasks.find((task) => task.state === "failed");
  if (failed) return failed.id;
  if (!isRunEnded(state)) {
    for (const wanted of ["running", "retry_wait", "ready"] as const) {
      const found = tasks.find((task) => task.state === wanted);
      if (found) return found.id;
    }
  }
  let last: TaskRunView | null = null;
  for (const task of tasks) {
    if (task.finishedAt === null) continue;
    if (last?.finishedAt == null || task.finishedAt >= last.finishedAt) last = task;
  }
  return last?.id ?? tasks[0]?.id ?? null;
}
