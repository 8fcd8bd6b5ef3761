/** Flows and runs for engine tests, made by the same statements as in the product. */
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import type { CompiledFlow, Json } from "#server/core/flow/spec.ts";
import type { RunState, TaskState } from "#server/core/run/states.ts";
import { lockFlow, publishRevision } from "#server/db/flow/flows.ts";
import { storeRevision } from "#server/db/flow/revisions.ts";
import type { RunCaller, RunOfBackfill } from "#server/db/run/runs.ts";
import { inTransaction } from "#server/db/transaction.ts";
import { startPlainRun, startRun as startTheRun } from "#server/engine/start/start-runs.ts";
import { slotlessTypes } from "#server/plugins/task-types.ts";

export interface StoredFlow {
  flow: CompiledFlow;
  revisionId: string;
}

export async function storeFlow(pool: pg.Pool, flow: CompiledFlow): Promise<StoredFlow> {
  return inTransaction(pool, async (client) => {
    await lockFlow(client, flow.spec.id, "push");
    const revision = await storeRevision(client, flow, "test", slotlessTypes);
    await publishRevision(client, flow.spec, revision.id, "push", null);
    return { flow, revisionId: revision.id };
  });
}

let keys = 0;

export interface StartOptions {
  params?: Record<string, Json>;
  interval?: { start: string; end: string };
  /** The place in a ledger that the run is for. */
  backfill?: RunOfBackfill;
  /** The try of a `flow` task that the run is made for. */
  caller?: RunCaller;
  /** Default: a new one for each run. */
  key?: string;
}

/** Starts a run and wakes the runners. @returns its id */
export async function startRun(
  pool: pg.Pool,
  { flow, revisionId }: StoredFlow,
  { params = {}, interval, backfill, caller, key }: StartOptions = {},
): Promise<string> {
  const flowId = flow.spec.id;
  const timezone = "UTC";
  const facts = { params, interval: interval ?? null, timezone };
  keys += 1;
  const idempotencyKey = key ?? `test ${process.pid} ${keys}`;
  const order = {
    ...facts,
    flowId,
    revisionId,
    revisionHash: flow.hash,
    createdBy: "test",
    idempotencyKey,
    requestHash: idempotencyKey,
  };
  if (caller === undefined && backfill === undefined) {
    const plain = { ...order, trigger: "manual" } as const;
    const run =
      (await startPlainRun(pool, plain, { onlyCurrent: false })) ??
      (await inTransaction(pool, (client) => startTheRun(client, plain)));
    return run.id;
  }
  const run = await inTransaction(pool, (client) =>
    startTheRun(client, {
      ...order,
      trigger: caller === undefined ? "backfill" : "flow",
      ...(backfill === undefined ? {} : { backfill }),
      ...(caller === undefined ? {} : { caller }),
    }),
  );
  return run.id;
}

export interface TaskRow {
  ordinal: number;
  state: TaskState;
  attempt: number;
  failures: number;
  lostInRow: number;
}

export async function readTasks(pool: pg.Pool, runId: string): Promise<TaskRow[]> {
  const result = await pool.query<TaskRow>(
    `select ordinal, state, attempt, failures, lost_in_row as "lostInRow"
       from task_run where run_id = $1 order by ordinal`,
    [runId],
  );
  return result.rows;
}

/** States of a run's tasks by task id. */
export async function taskStates(
  pool: pg.Pool,
  stored: StoredFlow,
  runId: string,
): Promise<Record<string, TaskState>> {
  const tasks = await readTasks(pool, runId);
  return Object.fromEntries(
    tasks.map((task) => [stored.flow.graph.taskIds[task.ordinal] ?? "", task.state]),
  );
}

export interface RunRow {
  state: RunState;
  openLeaves: number;
  recovered: boolean;
  firstError: { task: string; attempt: number; message: string; line?: number } | null;
  startedAt: Date | null;
  finishedAt: Date | null;
}

export async function readRun(pool: pg.Pool, runId: string): Promise<RunRow> {
  const result = await pool.query<RunRow>(
    `select state, open_leaves as "openLeaves", recovered, first_error as "firstError",
            started_at as "startedAt", finished_at as "finishedAt" from run where id = $1`,
    [runId],
  );
  const row = result.rows[0];
  if (row === undefined) throw new Error(`there is no run ${runId}`);
  return row;
}

/**
 * Waits until a condition holds.
 * @throws Error naming `what` when it does not within `limitMs`
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | null | undefined | false>,
  limitMs = 60_000,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > deadline) throw new Error(`not within ${limitMs} ms: ${what}`);
    await sleep(20);
  }
}

/** Waits until a run has ended. */
export async function awaitRun(pool: pg.Pool, runId: string, limitMs?: number): Promise<RunRow> {
  return until(
    `the end of run ${runId}`,
    async () => {
      const run = await readRun(pool, runId);
      return run.finishedAt === null ? null : run;
    },
    limitMs,
  );
}

export interface AttemptRow {
  ordinal: number;
  attempt: number;
  state: string;
  runnerId: string | null;
  error: { kind: string; message: string; line?: number; exitCode?: number } | null;
}

export async function readAttempts(pool: pg.Pool, runId: string): Promise<AttemptRow[]> {
  const result = await pool.query<AttemptRow>(
    `select ordinal, attempt, state, runner_id as "runnerId", error
       from attempt where run_id = $1 order by ordinal, attempt`,
    [runId],
  );
  return result.rows;
}
