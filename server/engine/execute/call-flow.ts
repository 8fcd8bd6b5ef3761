/** The runs that `flow` tasks make: exactly one for each try of a task, whatever dies in between. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Pool, PoolClient } from "pg";
import { AppError } from "../../core/errors.ts";
import { sha256Hex } from "../../core/flow/canonical.ts";
import { paramFromText } from "../../core/flow/params/params.ts";
import type { Json, ParamSchema } from "../../core/flow/spec.ts";
import { checkInterval, checkParams } from "../../core/run/check-order.ts";
import { pinsOf } from "../../core/run/manifest.ts";
import { isRunEnded } from "../../core/run/states.ts";
import { isRetryable } from "../../db/failures.ts";
import { publishRuns } from "../../db/live/notify.ts";
import {
  type CalledRunRow,
  type CallingTask,
  findCalledRun,
  findForsakenRuns,
  lockCallingTask,
  readLeafOutputs,
} from "../../db/run/calls.ts";
import { inTransaction } from "../../db/transaction.ts";
import { type CalledRun, type FlowCallOrder, TaskFailure } from "../../plugins/sdk.ts";
import { taskTypes } from "../../plugins/task-types.ts";
import { faultPoint } from "../faults.ts";
import { cancelRunWithin } from "../settle/settle.ts";
import { findCalledRevision } from "../start/flow-pins.ts";
import { prepareRerun, startRerun } from "../start/start-rerun.ts";
import { startRun } from "../start/start-runs.ts";
import type { Attempt } from "./attempt.ts";

/** Name under which the engine's own steps are recorded. */
const ACTOR = "flow";
const ABANDON_TRIES = 5;
const ABANDON_PAUSE_MS = 200;

/** What a `flow` task's attempt needs of the engine. */
export class FlowCaller {
  readonly #attempt: Attempt;
  /** Whether the run of this try is known to be there, so that no transaction is needed any more. */
  #made = false;

  constructor(attempt: Attempt) {
    this.#attempt = attempt;
  }

  async call(order: FlowCallOrder): Promise<CalledRun> {
    const { tools, live } = this.#attempt;
    const row = await this.#attempt.persist(async () => {
      if (this.#made) return findCalledRun(tools.pool, live.claim);
      const { row, current } = await inTransaction(tools.pool, (client) =>
        this.#make(client, order),
      );
      this.#made = current;
      return row;
    });
    if (row === null) throw new Error("the run of this task vanished");
    const { run, state, firstError } = row;
    return { run, state, firstError };
  }

  /** Best effort: what it cannot cancel, the scheduler does once the task has ended. */
  async abandon(): Promise<void> {
    const { tools, live } = this.#attempt;
    const { cause, claim } = live;
    // Another runner goes on with the task and its run.
    if (cause === "lost" || cause === "handed_back") return;
    for (let left = ABANDON_TRIES; left > 0; left -= 1) {
      try {
        const row = await findCalledRun(tools.pool, claim);
        if (row === null || isRunEnded(row.state)) return;
        await cancelCalled(tools.pool, row.run, claim.runId, this.#attempt.taskId);
        return;
      } catch (error) {
        if (!isRetryable(error)) throw error;
        await sleep(ABANDON_PAUSE_MS);
      }
    }
  }

  leaves(run: string): Promise<Record<string, Json>> {
    return this.#attempt.persist(() => readLeafOutputs(this.#attempt.tools.pool, run));
  }

  /** @returns the newest run of the task, and whether it is the one of this try */
  async #make(
    client: PoolClient,
    order: FlowCallOrder,
  ): Promise<{ row: CalledRunRow | null; current: boolean }> {
    const { tools, live, taskId } = this.#attempt;
    const { claim } = live;
    const task = await lockCallingTask(client, claim, tools.runnerId);
    if (task === null) {
      throw new TaskFailure({ kind: "lost", message: "The attempt was taken away." });
    }
    if (task.cancelRequested) throw new TaskFailure({ kind: "cancelled", message: "Cancelled." });
    const newest = await findCalledRun(client, claim);
    const current = task.failures + 1;
    if (newest !== null && newest.try >= current) return { row: newest, current: true };
    if (newest !== null && !isRunEnded(newest.state)) {
      // A try before this one has given it up, and it must end before it can be run again.
      if (!newest.cancelRequested) await cancelWithin(client, newest.run, claim.runId, taskId);
      return { row: newest, current: false };
    }
    // It was given up too early, and succeeded all the same.
    if (newest?.state === "succeeded") return { row: newest, current: true };
    const caller = { run: claim.runId, ordinal: claim.ordinal, task: taskId, try: current };
    const key = `flow task ${caller.run} ${caller.ordinal} ${caller.try}`;
    const origin = { createdBy: ACTOR, idempotencyKey: key, requestHash: sha256Hex(key), caller };
    if (newest === null) {
      await startCalled(client, order, task, origin);
    } else {
      const prepared = await prepareRerun(client, { id: newest.run, scope: "failed" });
      await startRerun(client, prepared, { ...origin, priority: task.priority });
    }
    // Open pages of the calling run show the new one.
    await publishRuns(client, [claim.runId]);
    faultPoint("within-flow-call");
    return { row: await findCalledRun(client, claim), current: true };
  }
}

interface Origin {
  createdBy: string;
  idempotencyKey: string;
  requestHash: string;
  caller: { run: string; ordinal: number; task: string; try: number };
}

async function startCalled(
  client: PoolClient,
  { flow, params: given, interval }: FlowCallOrder,
  task: CallingTask,
  origin: Origin,
): Promise<void> {
  const { revision, pins } = await findCalledRevision(
    client,
    flow,
    pinsOf(task.manifestText) ?? {},
  );
  const params = checkParams(revision.spec.params, typedParams(revision.spec.params, given));
  checkInterval({ flowId: flow, spec: revision.spec }, interval, taskTypes);
  await startRun(client, {
    ...origin,
    flowId: flow,
    revisionId: revision.id,
    revisionHash: revision.hash,
    pins,
    params,
    interval,
    timezone: task.timezone,
    trigger: "flow",
    priority: task.priority,
  });
}

/** Templates give texts; a parameter of another type gets the value that the text stands for. */
function typedParams(
  schemas: Readonly<Record<string, ParamSchema>>,
  given: Readonly<Record<string, Json>>,
): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      const schema = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
      const isText = typeof value === "string" && schema !== undefined;
      return [name, isText ? paramFromText(schema, value) : value];
    }),
  );
}

async function cancelCalled(pool: Pool, run: string, caller: string, task: string): Promise<void> {
  try {
    await inTransaction(pool, (client) => cancelWithin(client, run, caller, task));
  } catch (error) {
    // It ended by itself just now, which is as good.
    if (!(error instanceof AppError) || error.code !== "ALREADY_ENDED") throw error;
  }
}

async function cancelWithin(
  client: PoolClient,
  run: string,
  caller: string,
  task: string,
): Promise<void> {
  await cancelRunWithin(client, run, ACTOR, `The task ${task} of run ${caller} has given it up.`);
}

/**
 * Cancels runs whose task has ended without them: one that was cancelled, timed out or given up
 * while no runner had it in hand.
 * @returns how many there were, at most `limit`
 */
export async function cancelForsaken(pool: Pool, limit: number): Promise<number> {
  const forsaken = await findForsakenRuns(pool, limit);
  for (const { run, caller, task } of forsaken) await cancelCalled(pool, run, caller, task);
  return forsaken.length;
}
