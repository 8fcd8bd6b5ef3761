import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { operator } from "#server/auth/actor.ts";
import { NO_RETRY } from "#server/core/flow/spec.ts";
import { createPrisma } from "#server/db/connection.ts";
import { promoteRetries } from "#server/db/runners.ts";
import { inTransaction } from "#server/db/transaction.ts";
import { loadHistory } from "../../../prisma/history.ts";
import { createTestDatabase } from "../../../test/database.ts";
import { buildFlow } from "../../../test/flow-builder.ts";
import type { Script } from "../../../test/hand-runner.ts";
import { sharedDatabase, sharedRunner } from "../../../test/shared-database.ts";
import { createRun } from "../runs/create.ts";
import { createRunInput } from "../runs/inputs.ts";
import { getRerunPlan, rerun } from "../runs/rerun.ts";
import { getRetryAdvice } from "./advise.ts";
import { storeFlow } from "./store.ts";

const database = sharedDatabase();
const { deps } = database;
const runner = sharedRunner(database);

/** Starts runs of a flow and executes each attempt as the script for its round says. */
async function execute(flow: string, count: number, rounds: readonly Script[]): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < count; i++) {
    const input = createRunInput.parse({ flow, idempotencyKey: randomUUID() });
    ids.push((await createRun(deps, operator, input)).id);
  }
  for (const script of rounds) {
    await runner.drain(script);
    await promoteRetries(database.pool, 1_000);
  }
  return ids;
}

async function store(id: string, attempts: number): Promise<void> {
  const retry = { ...NO_RETRY, attempts, delayMs: 0 };
  const flow = buildFlow(id, { load: { retry }, check: { needs: ["load"] } });
  await inTransaction(deps.pool, (client) => storeFlow(client, flow, "push", operator.name));
}

describe("advice from history", () => {
  it("names hopeless retries, with the attempts of all revisions as evidence", async () => {
    const flow = `flow-${randomUUID()}`;
    await store(flow, 3);
    const fail: Script = { load: "fail" };
    await execute(flow, 6, [{}]);
    const failed = await execute(flow, 8, [fail, fail, fail]);
    const advice = await getRetryAdvice(deps, operator, { id: flow });
    expect(advice).toMatchObject({ flow, revision: 1, runs: 14, quiet: 1 });
    expect(advice.tasks).toHaveLength(1);
    expect(advice.tasks[0]).toMatchObject({
      task: "load",
      attempts: 3,
      failures: 24,
      verdict: "too_many",
      proposed: 1,
      chances: [
        { attempt: 1, tries: 14, successes: 6 },
        { attempt: 2, tries: 8, successes: 0 },
        { attempt: 3, tries: 8, successes: 0 },
      ],
      hopeless: { retries: 16 },
      errors: [
        {
          fingerprint: "exit code ‹n›",
          exitCode: 1,
          failures: 24,
          retried: 16,
          recovered: 0,
          giveUpOn: "exit:1",
          run: failed.at(-1),
        },
      ],
    });
  });

  it("counts reruns that came soon, and says nothing with few failures", async () => {
    const flow = `flow-${randomUUID()}`;
    await store(flow, 1);
    const failed = await execute(flow, 12, [{ load: "fail" }]);
    expect((await getRetryAdvice(deps, operator, { id: flow })).tasks).toMatchObject([
      { failures: 12, verdict: null, silence: "few_failures", errors: [] },
    ]);
    await execute(flow, 10, [{ load: "fail" }]);
    expect((await getRetryAdvice(deps, operator, { id: flow })).tasks).toMatchObject([
      { failures: 22, verdict: null, silence: "never_retried" },
    ]);
    for (const id of failed) {
      const { hash } = await getRerunPlan(deps, operator, { id, scope: "failed" });
      const order = { id, scope: "failed", planHash: hash, idempotencyKey: randomUUID() };
      await rerun(deps, operator, order);
    }
    await runner.drain();
    expect((await getRetryAdvice(deps, operator, { id: flow })).tasks).toMatchObject([
      { verdict: "too_few", proposed: 2, reruns: { tries: 12, successes: 12 } },
    ]);
  });

  it("is refused for a flow that is not there", async () => {
    await expect(getRetryAdvice(deps, operator, { id: "nowhere" })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });
});

it("reads a bounded part of a large history, by keys", async () => {
  const large = await createTestDatabase();
  try {
    // Every fiftieth run failed, all of them of the second flow.
    const [, flow] = await loadHistory(large.pool, { runs: 20_000, flows: 2 });
    const scanned = async () => {
      await large.pool.query("select pg_stat_force_next_flush()");
      const { rows } = await large.pool.query<{ n: number }>(
        `select coalesce(sum(seq_tup_read), 0)::int as n from pg_stat_user_tables
          where relname in ('run', 'task_run', 'attempt')`,
      );
      return rows[0]?.n ?? 0;
    };
    const before = await scanned();
    const given = { pool: large.pool, prisma: createPrisma(large.pool) };
    const advice = await getRetryAdvice(given, operator, { id: flow as string });
    expect(advice.runs).toBe(2_000);
    expect(advice.tasks[0]?.failures).toBeGreaterThan(20);
    expect((await scanned()) - before).toBe(0);
  } finally {
    await large.close();
  }
});
