/** Databases with flows in them, runs of those flows, and the times they took. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Pool } from "pg";
import { operator } from "#server/auth/actor.ts";
import type { CompiledFlow } from "#server/core/flow/spec.ts";
import { createPool, createPrisma } from "#server/db/connection.ts";
import { inTransaction } from "#server/db/transaction.ts";
import type { Deps } from "#server/usecases/deps.ts";
import { storeFlow } from "#server/usecases/flows/store.ts";
import { createRun } from "#server/usecases/runs/create.ts";
import type { Bench } from "./bench.ts";
import type { Runner } from "./runner.ts";

/** Seldom enough to cost the machine nothing while a figure is measured. */
const POLL_MS = 50;

export interface Stage {
  url: string;
  pool: Pool;
  deps: Deps;
  /** Drops the database. */
  close(): Promise<void>;
}

/**
 * A fresh database with the product's schema. Its clocks keep microseconds, where the product
 * rounds to milliseconds: a hand-off takes about one.
 */
export async function openStage(bench: Bench, name: string): Promise<Stage> {
  const url = await bench.cluster.createDatabase(name);
  let closing = false;
  const pool = createPool(url, {
    name: "idem bench",
    max: 10,
    // The forced drop at the end breaks connections that are still closing.
    onError: (error) => closing || bench.say(`A connection broke: ${error.message}`),
  });
  const close = bench.cleanup.add(async () => {
    closing = true;
    await pool.end();
    await bench.cluster.dropDatabase(name);
  });
  for (const table of ["run", "task_run", "attempt"]) {
    await pool.query(
      `alter table ${table} alter started_at type timestamptz(6), alter finished_at type timestamptz(6)`,
    );
  }
  await bench.cluster.checkpoint();
  return { url, pool, deps: { pool, prisma: createPrisma(pool) }, close };
}

/** Stores a flow as a push would. */
export async function store(stage: Stage, flow: CompiledFlow): Promise<void> {
  await inTransaction(stage.pool, (client) => storeFlow(client, flow, "push", operator.name));
}

/** Starts a run as the API would. @returns its id */
export async function trigger(stage: Stage, flow: string): Promise<string> {
  const run = await createRun(stage.deps, operator, {
    flow,
    params: {},
    timezone: "UTC",
    idempotencyKey: randomUUID(),
  });
  return run.id;
}

/**
 * Waits until no run of the database is live.
 * @throws Error when the runner ends, when a run does not succeed, or after `limitMs`
 */
export async function awaitRuns(stage: Stage, runner: Runner, limitMs: number): Promise<void> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const { rows } = await stage.pool.query<{ live: number; bad: number }>(
      `select count(*) filter (where state in ('queued', 'running'))::int as live,
              count(*) filter (where state in ('failed', 'cancelled'))::int as bad from run`,
    );
    const { live = 0, bad = 0 } = rows[0] ?? {};
    if (bad > 0) throw new Error(`${bad} runs did not succeed: ${await firstError(stage)}`);
    if (live === 0) return;
    if (performance.now() > deadline) {
      throw new Error(
        `${live} runs are still live after ${limitMs} ms: ${await taskStates(stage)}`,
      );
    }
    await Promise.race([runner.failed, sleep(POLL_MS)]);
  }
}

async function firstError(stage: Stage): Promise<string> {
  const { rows } = await stage.pool.query<{ text: string | null }>(
    "select first_error::text as text from run where state in ('failed', 'cancelled') limit 1",
  );
  return rows[0]?.text ?? "no reason recorded";
}

async function taskStates(stage: Stage): Promise<string> {
  const { rows } = await stage.pool.query<{ state: string; n: number }>(
    "select state, count(*)::int as n from task_run group by state",
  );
  return rows.map(({ state, n }) => `${n} ${state}`).join(", ");
}

/** Epoch milliseconds of a run, by the database's clock, which is this machine's. */
export interface RunTimes {
  /** The first task starts. */
  startedMs: number;
  /** The statement that ended the run began; its commit comes on top. */
  finishedMs: number;
}

export async function readTimes(stage: Stage, run: string): Promise<RunTimes> {
  const { rows } = await stage.pool.query<RunTimes>(
    `select (extract(epoch from started_at) * 1000)::float8 as "startedMs",
            (extract(epoch from finished_at) * 1000)::float8 as "finishedMs" from run where id = $1`,
    [run],
  );
  const [times] = rows;
  if (times === undefined) throw new Error(`Run ${run} vanished`);
  return times;
}

/** Milliseconds between the starts of consecutive tasks of a chain. */
export async function handOffs(stage: Stage, run: string): Promise<number[]> {
  const { rows } = await stage.pool.query<{ ms: number }>(
    `select (extract(epoch from started_at - lag(started_at) over (order by ordinal)) * 1000)::float8 as ms
       from attempt where run_id = $1 order by ordinal offset 1`,
    [run],
  );
  return rows.map((row) => row.ms);
}
