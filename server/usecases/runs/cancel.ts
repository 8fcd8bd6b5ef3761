import { type Actor, authorise } from "#server/auth/actor.ts";
import { AppError } from "#server/core/errors.ts";
import { noSuchRun } from "#server/core/run/refusals.ts";
import type { RunState, TaskState } from "#server/core/run/states.ts";
import { listTaskRuns } from "#server/db/run/run-detail.ts";
import { findRuns } from "#server/db/run/run-views.ts";
import { cancelRun as stopRun, cancelTask as stopTask } from "#server/engine/settle/settle.ts";
import type { Deps } from "#server/usecases/deps.ts";
import type { CancelInput, TaskRef } from "./inputs.ts";
import { locateTask } from "./read.ts";

/**
 * Asks a run to stop: what has not started is cancelled at once, running attempts are ended by
 * their runners.
 * @throws AppError NOT_FOUND, ALREADY_ENDED
 */
export async function cancelRun(
  deps: Deps,
  actor: Actor,
  input: CancelInput,
): Promise<{ id: string; state: RunState }> {
  authorise(actor, "run:cancel");
  await stopRun(deps.pool, input.id, actor.name, input.reason ?? null);
  const [run] = await findRuns(deps.pool, [input.id]);
  return { id: input.id, state: (run ?? noSuchRun(input.id)).state };
}

/** Cancels one task of a run, or one task run of its list; what depends on it ends as upstream_failed. */
export async function cancelTask(
  deps: Deps,
  actor: Actor,
  input: TaskRef,
): Promise<{ state: TaskState }> {
  authorise(actor, "run:cancel");
  const [task] = await listTaskRuns(deps.pool, input.id, [input.task]);
  if (task === undefined) {
    throw new AppError("NOT_FOUND", `Run ${input.id} has no task "${input.task}".`, {
      fix: "Look at the tasks of the run.",
    });
  }
  const ordinal = input.item === undefined ? task.ordinal : (await locateTask(deps, input)).ordinal;
  await stopTask(deps.pool, input.id, ordinal, actor.name);
  const [after] = await listTaskRuns(deps.pool, input.id, [input.task]);
  return { state: (after ?? task).state };
}
