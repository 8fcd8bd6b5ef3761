/** Tasks that are executed over a list: spreading one over its list, and gathering what came of it. */
import type { PoolClient } from "pg";
import { AppError } from "../../core/errors.ts";
import type { AttemptError } from "../../core/run/attempt-view.ts";
import { countTaskRuns, gatheredState, listOf } from "../../core/run/fan-out.ts";
import { checkOutput } from "../../core/run/output.ts";
import type { TaskState } from "../../core/run/states.ts";
import { findReusable, insertItems, readItemOutputs, readItems } from "../../db/run/fan-out.ts";
import { readOutputs } from "../../db/run/run-detail.ts";
import type { HeldTask } from "../../db/run/settle.ts";
import { scopeFor } from "../execute/scope.ts";
import type { SettlementRecord } from "./settlement-record.ts";

/**
 * Spreads a task over its list. In a rerun only what did not succeed before is executed again.
 * @param needs states of the tasks that it needs
 */
export async function spreadOverList(
  client: PoolClient,
  record: SettlementRecord,
  task: HeldTask,
  needs: readonly TaskState[],
): Promise<void> {
  const { id, parentId, rerunScope } = record.run;
  const { ordinal } = task;
  let count: number;
  try {
    count = await countItems(client, record, ordinal);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    record.failAtStart(task, `for_each: ${error.message}`);
    return;
  }
  // The list is the same only when everything upstream was taken over.
  const sameList = needs.every((state) => state === "reused" || state === "skipped");
  const named = `from:${record.taskId(ordinal)}`;
  const mayReuse = parentId !== null && rerunScope !== "all" && rerunScope !== named && sameList;
  const reused = mayReuse
    ? await findReusable(client, parentId, ordinal, count)
    : new Map<number, string>();
  await insertItems(client, id, ordinal, count, reused);
  const spread = { ...task, items: count, pending: count - reused.size, gated: true };
  record.change({ ...spread, state: "waiting", delayMs: null });
  if (spread.pending > 0) record.releasedSome();
  else await gatherList(client, record, spread);
}

/** @throws AppError when there is no list, or it is too long */
async function countItems(
  client: PoolClient,
  record: SettlementRecord,
  ordinal: number,
): Promise<number> {
  const { run, model } = record;
  const forEach = record.specOf(ordinal)?.forEach;
  if (forEach === undefined) throw new AppError("INTERNAL", `Task ${ordinal} has no list.`);
  const read = (runId: string, of: readonly number[]) => readOutputs(client, runId, of);
  const texts = typeof forEach.over === "string" ? [forEach.over] : [];
  const scope = await scopeFor(read, run, model, ordinal, texts);
  return countTaskRuns(listOf(forEach, scope).length, forEach.batch);
}

/** Ends a task all of whose task runs have ended: as their sum, or with what they returned. */
export async function gatherList(
  client: PoolClient,
  record: SettlementRecord,
  task: HeldTask,
): Promise<void> {
  const { ordinal } = task;
  const items = await readItems(client, record.run.id, ordinal);
  const states = items.map((item) => record.changeOf(item.ordinal)?.state ?? item.state);
  const state = gatheredState(states);
  if (state === "cancelled") {
    record.end(task, "cancelled");
    return;
  }
  const attempt = task.attempt + 1;
  const error =
    state === "failed"
      ? failedItems(states)
      : await gatherOutputs(client, record, ordinal, attempt, items.length);
  record.attempt({
    ordinal,
    attempt,
    runnerId: null,
    startedAt: task.startedAt,
    state: error === null ? "succeeded" : "failed",
    error,
  });
  if (error === null) record.succeed({ ...task, attempt });
  else record.fail({ ...task, attempt, failures: task.failures + 1 }, error);
}

/** @returns why what was gathered cannot be an output, or null */
async function gatherOutputs(
  client: PoolClient,
  record: SettlementRecord,
  ordinal: number,
  attempt: number,
  count: number,
): Promise<AttemptError | null> {
  const outputs = count === 0 ? [] : await readItemOutputs(client, record.run.id, ordinal);
  try {
    record.output(ordinal, attempt, checkOutput(outputs));
    return null;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { kind: "output", message: `All task runs succeeded. ${error.message}` };
  }
}

function failedItems(states: readonly TaskState[]): AttemptError {
  const failed = states.filter((state) => state === "failed").length;
  const message = `${failed} of ${states.length} task runs failed, first number ${states.indexOf("failed")}.`;
  return { kind: "items", message };
}
