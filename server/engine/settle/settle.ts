/**
 * The rare path: everything that happens to a run besides plain success. One transaction locks out
 * every other settlement of the run, records how attempts ended, spreads the consequences through
 * the DAG wave by wave, and ends the run when nothing is left open.
 *
 * Lock order: the run's advisory lock, task runs by ordinal, the run row. `complete` takes the last
 * two in the same order, so the only way to meet in a deadlock is a second wave whose ordinals lie
 * below those of the first; such a settlement starts over and locks all it may touch in one go.
 */
import type { Pool, PoolClient } from "pg";
import { AppError } from "../../core/errors.ts";
import type { RunState } from "../../core/run/states.ts";
import { publishRuns, wakeCancel, wakeRunners } from "../../db/live/notify.ts";
import {
  cancelOpenTasks,
  endRun,
  findTask,
  flagRunning,
  insertEvents,
  lockRun,
  type RunRow,
  requestCancel,
} from "../../db/run/settle.ts";
import { revisionModel } from "../../db/run/settle-model.ts";
import { inTransaction } from "../../db/transaction.ts";
import { LockOrder, openSettlement } from "./settlement.ts";
import type { AttemptEnd, SettledTasks } from "./settlement-record.ts";

export interface SettleResult {
  /** True when some task became ready. */
  released: boolean;
  /** The state in which the run ended, or null when it goes on. */
  ended: RunState | null;
  /** Reports of attempts that had been taken away from their runner. Already recorded. */
  refused: AttemptEnd[];
}

/**
 * Records attempts of one run that ended without success, decides whatever waits for a decision,
 * and ends the run if that was all. Safe to race and safe to repeat: a report about an attempt that
 * is no longer its runner's is refused and recorded.
 * @param ends may be empty: then only open decisions and the end of the run are looked at
 * @param unit uniform in [0, 1), for the jitter of retries
 * @param lockMs how long to wait for what another session has locked; as long as the pool does by default
 * @throws the driver's error; nothing has been recorded then
 */
export async function settleRun(
  pool: Pool,
  runId: string,
  ends: readonly AttemptEnd[],
  unit: () => number,
  lockMs?: number,
): Promise<SettleResult> {
  const settleWithin = (locking: "narrow" | "wide") =>
    inTransaction(pool, async (client) => {
      if (lockMs !== undefined) await client.query(`set local lock_timeout = ${lockMs}`);
      return settle(client, runId, ends, unit, locking);
    });
  try {
    return await settleWithin("narrow");
  } catch (error) {
    if (!(error instanceof LockOrder)) throw error;
    return settleWithin("wide");
  }
}

/**
 * Decides, inside the transaction that creates a run, the tasks that wait for a decision from the
 * start: a condition on a task without needs, or needs that were all reused or skipped.
 */
export async function decideUndecided(client: PoolClient, runId: string): Promise<SettleResult> {
  // The run's rows are not visible to anybody else yet, so any lock order will do.
  return settle(client, runId, [], () => 0, "wide");
}

async function settle(
  client: PoolClient,
  runId: string,
  ends: readonly AttemptEnd[],
  unit: () => number,
  locking: "narrow" | "wide",
): Promise<SettleResult> {
  const run = await lockRun(client, runId);
  if (run === null) return { released: false, ended: null, refused: [...ends] };
  const settlement = await openSettlement(client, run, { unit, locking });
  const tasks = await settlement.apply(ends);
  return { ...tasks, ended: await close(client, runId, tasks) };
}

/** Takes the ended tasks off the run and ends it when they were the last. */
async function close(
  client: PoolClient,
  runId: string,
  tasks: Pick<SettledTasks, "leavesEnded" | "troubled" | "firstError">,
): Promise<RunState | null> {
  return endRun(client, runId, tasks);
}

/**
 * Asks a run to stop, for a person. Whatever has not started is cancelled at once, `always()` tasks
 * included; running attempts are flagged, and their runners end them.
 * @param actor  who asks, for the record
 * @param reason why, for the record
 * @throws AppError NOT_FOUND, ALREADY_ENDED
 */
export async function cancelRun(
  pool: Pool,
  runId: string,
  actor: string,
  reason: string | null = null,
): Promise<SettleResult> {
  return inTransaction(pool, (client) => cancelRunWithin(client, runId, actor, reason));
}

/** `cancelRun` as a part of the caller's transaction. */
export async function cancelRunWithin(
  client: PoolClient,
  runId: string,
  actor: string,
  reason: string | null,
): Promise<SettleResult> {
  const run = await lockRun(client, runId);
  if (run === null) throw new AppError("NOT_FOUND", `There is no run ${runId}.`);
  if (run.state !== "queued" && run.state !== "running") {
    throw new AppError("ALREADY_ENDED", `Run ${runId} has ended: ${run.state}.`, {
      fix: "Rerun it if it is to be executed again.",
    });
  }
  const running = await cancelOpenTasks(client, runId);
  await requestCancel(client, runId, { actor, reason, running });
  const ended = await endRun(client, runId, {
    leavesEnded: 0,
    troubled: true,
    firstError: null,
  });
  if (running > 0) await wakeCancel(client);
  await publishRuns(client, [runId]);
  return { released: false, ended, refused: [] };
}

/**
 * Cancels one task of a run, for a person. A task that is ready or waits for a retry ends at once;
 * a running one is flagged, and its runner ends it. What depends on it is decided as usual.
 * @throws AppError NOT_FOUND, ALREADY_ENDED, CONFLICT when its needs have not ended
 */
export async function cancelTask(
  pool: Pool,
  runId: string,
  ordinal: number,
  actor: string,
): Promise<SettleResult> {
  const attempt = async (locking: "narrow" | "wide"): Promise<SettleResult> =>
    inTransaction(pool, async (client) => {
      const run = await lockRun(client, runId);
      const task = run === null ? null : await findTask(client, runId, ordinal);
      if (run === null || task === null) {
        throw new AppError("NOT_FOUND", `Run ${runId} has no task number ${ordinal}.`);
      }
      await publishRuns(client, [runId]);
      switch (task.state) {
        case "running":
          await flagRunning(client, runId, ordinal);
          await insertEvents(client, runId, [
            {
              actor,
              verb: "task_cancel_requested",
              detail: { task: await nameOf(client, run, ordinal) },
            },
          ]);
          await wakeCancel(client);
          return { released: false, ended: null, refused: [] };
        case "ready":
        case "retry_wait": {
          const settlement = await openSettlement(client, run, { unit: () => 0, locking });
          const tasks = await settlement.cancel(ordinal, actor);
          if (tasks.released) await wakeRunners(client);
          return { ...tasks, ended: await close(client, runId, tasks) };
        }
        case "waiting": {
          if (task.items !== null) {
            const settlement = await openSettlement(client, run, { unit: () => 0, locking });
            const { tasks, running } = await settlement.cancelItems(ordinal, actor);
            if (running > 0) await wakeCancel(client);
            if (tasks.released) await wakeRunners(client);
            return { ...tasks, ended: await close(client, runId, tasks) };
          }
          throw new AppError("CONFLICT", "The task waits for its needs and cannot be cancelled.", {
            fix: "Cancel the run, or the task once it is ready.",
          });
        }
        default:
          throw new AppError("ALREADY_ENDED", `The task has ended: ${task.state}.`, {
            fix: "Rerun the run if the task is to be executed again.",
          });
      }
    });
  try {
    return await attempt("narrow");
  } catch (error) {
    if (!(error instanceof LockOrder)) throw error;
    return attempt("wide");
  }
}

async function nameOf(client: PoolClient, run: RunRow, ordinal: number): Promise<string> {
  const model = await revisionModel(client, run.revisionId, run.revisionHash);
  return model.taskIds[ordinal] ?? String(ordinal);
}
