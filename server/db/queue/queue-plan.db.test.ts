import { afterAll, beforeAll, expect, it } from "vitest";
import { startRun, storeFlow } from "../../../test/engine/runs.ts";
import { buildFlow } from "../../../test/flow-builder.ts";
import { sharedDatabase } from "../../../test/shared-database.ts";
import { registerRunner } from "../runners.ts";
import { claim, complete } from "./queue.ts";
import { connectHot, type HotConnection } from "./queue-connection.ts";

const database = sharedDatabase();

const RUNS = 400;
const BATCH = 60;

let connection: HotConnection;
let runner: string;

beforeAll(async () => {
  connection = await connectHot(database.url, {
    name: "idem test",
    timeoutMs: 10_000,
    onError: () => {},
    planAgeMs: 0,
  });
  const facts = { name: "r", host: "test", pid: 1, version: "0", slots: BATCH };
  runner = await registerRunner(database.pool, facts, 3_600_000);
});

afterAll(async () => {
  await connection.close();
});

/** Entries that all indexes of a table have handed out so far. */
async function entriesRead(table: string): Promise<number> {
  await connection.query("select pg_stat_force_next_flush()");
  const { rows } = await database.pool.query<{ n: number }>(
    "select sum(idx_tup_read)::int as n from pg_stat_user_indexes where relname = $1",
    [table],
  );
  return rows[0]?.n ?? 0;
}

async function turnOver(limit: number): Promise<void> {
  const { claims } = await claim(connection, runner, limit);
  expect(claims).toHaveLength(limit);
  const { refused, ended } = await complete(connection, runner, claims, 0);
  expect(refused).toEqual([]);
  expect(ended).toHaveLength(limit);
}

it("reads rows by key when tables have grown since statistics were gathered", async () => {
  const { pool } = database;
  await pool.query("alter table run set (autovacuum_enabled = false)");
  await pool.query("alter table task_run set (autovacuum_enabled = false)");
  const stored = await storeFlow(pool, buildFlow("single", { only: {} }));
  await startRun(pool, stored);
  await pool.query("analyze run");
  await pool.query("analyze task_run");
  await turnOver(1);

  for (let i = 0; i < RUNS; i++) await startRun(pool, stored);
  const before = [await entriesRead("run"), await entriesRead("task_run")] as const;
  await turnOver(BATCH);
  const runs = (await entriesRead("run")) - before[0];
  const tasks = (await entriesRead("task_run")) - before[1];
  // A few looks at each row of the batch; comparing every pair would take 3,600 and more.
  expect(runs).toBeLessThan(BATCH * 10);
  expect(tasks).toBeLessThan(BATCH * 10);
});
