/** Evaluates the author's condition of one task against the run it belongs to. */
import type { PoolClient } from "pg";
import { AppError } from "../core/errors.ts";
import type { TaskState } from "../core/run/states.ts";
import type { RunRow } from "../db/settle.ts";
import type { RevisionModel } from "../db/settle-model.ts";

/**
 * @param needs states of the task's needs, all ended
 * @returns whether the condition holds, or null when the task has none
 * @throws AppError when the condition cannot be evaluated for this run
 */
export async function conditionHolds(
  _client: PoolClient,
  _run: RunRow,
  model: RevisionModel,
  ordinal: number,
  needs: readonly TaskState[],
): Promise<boolean | null> {
  const source = model.spec.tasks[model.taskIds[ordinal] ?? ""]?.if?.replaceAll(/\s/g, "");
  if (source === undefined) return null;
  if (source === "always()") return true;
  const good = needs.every((need) => need === "succeeded" || need === "reused");
  if (source === "success()") return good;
  const bad = needs.some((need) => need === "failed" || need === "upstream_failed");
  if (source === "failure()") return bad;
  throw new AppError("INVALID_CONDITION", `"${source}" is not a condition.`);
}
