/** Tasks that are executed over a list: what they are spread over, and what becomes of them. */
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { operator } from "#server/auth/actor.ts";
import type { CompiledFlow, Json } from "#server/core/flow/spec.ts";
import { inTransaction } from "#server/db/transaction.ts";
import { prepareRerun, startRerun } from "#server/engine/start/start-rerun.ts";
import { readRun, startRun, storeFlow, taskStates } from "../../../test/engine/runs.ts";
import { buildFlow, type TaskDraft } from "../../../test/flow-builder.ts";
import type { Script } from "../../../test/hand-runner.ts";
import { checkInvariants } from "../../../test/invariants/invariants.ts";
import { sharedDatabase, sharedRunner } from "../../../test/shared-database.ts";
import { cancelRun, cancelTask } from "./settle.ts";

const db = sharedDatabase();
const runner = sharedRunner(db);

afterAll(async () => {
  expect(await checkInvariants({ pool: db.pool })).toEqual([]);
});

let flows = 0;
async function start(tasks: Record<string, TaskDraft>) {
  flows += 1;
  const flow: CompiledFlow = buildFlow(`lists-${flows}`, tasks);
  const stored = await storeFlow(db.pool, flow);
  return { stored, runId: await startRun(db.pool, stored) };
}

const spread = (over: Json[] | string, batch?: number, draft: TaskDraft = {}): TaskDraft => ({
  forEach: { over, ...(batch === undefined ? {} : { batch }) },
  ...draft,
});

async function outputOf(runId: string, ordinal: number): Promise<Json | undefined> {
  const result = await db.pool.query<{ output: Json }>(
    "select output from task_output where run_id = $1 and ordinal = $2",
    [runId, ordinal],
  );
  return result.rows[0]?.output;
}

async function itemStates(runId: string): Promise<string[]> {
  const result = await db.pool.query<{ state: string }>(
    "select state from task_run where run_id = $1 and item_of is not null order by item_of, item",
    [runId],
  );
  return result.rows.map(({ state }) => state);
}

async function rerun(id: string, scope: string): Promise<string> {
  return inTransaction(db.pool, async (client) => {
    const prepared = await prepareRerun(client, { id, scope });
    const key = `rerun of ${id} ${scope}`;
    const order = { createdBy: operator.name, idempotencyKey: key, requestHash: key };
    return (await startRerun(client, prepared, order)).id;
  });
}

describe("a task with for_each", () => {
  it("runs once for each item of an upstream list, and gathers in order", async () => {
    const { stored, runId } = await start({
      list: {},
      each: spread("tasks.list.output", undefined, { needs: ["list"] }),
      sum: { needs: ["each"] },
    });
    const script: Script = {
      list: { output: ["a", "b", "c"] },
      "each[0]": { output: 1 },
      "each[2]": { output: { rows: 3 } },
    };
    expect(await runner.drain(script)).toEqual(["list", "each[0]", "each[1]", "each[2]", "sum"]);
    expect(await taskStates(db.pool, stored, runId)).toMatchObject({
      each: "succeeded",
      sum: "succeeded",
    });
    expect(await outputOf(runId, 1)).toEqual([1, null, { rows: 3 }]);
    const times = await db.pool.query(
      "select finished_at >= started_at as timed from task_run where run_id = $1 and ordinal = 1",
      [runId],
    );
    expect(times.rows).toEqual([{ timed: true }]);
    expect(await readRun(db.pool, runId)).toMatchObject({ state: "succeeded", openLeaves: 0 });
  });

  it("puts a batch of items into one task run", async () => {
    const { runId } = await start({ each: spread([1, 2, 3, 4, 5, 6, 7], 3) });
    expect(await runner.drain()).toEqual(["each[0]", "each[1]", "each[2]"]);
    expect(await readRun(db.pool, runId)).toMatchObject({ state: "succeeded" });
  });

  it("succeeds with an empty list at once", async () => {
    const { runId } = await start({ each: spread([]), after: { needs: ["each"] } });
    expect(await runner.drain()).toEqual(["after"]);
    expect(await outputOf(runId, 0)).toEqual([]);
    expect(await readRun(db.pool, runId)).toMatchObject({ state: "succeeded" });
  });

  it.each([
    { output: "a text", message: "tasks.list.output is a string, not a list." },
    {
      output: Array(10_001).fill(0),
      message: "10001 items make 10001 task runs, more than 10000.",
    },
  ])("fails at its start when there is no such list: $message", async ({ output, message }) => {
    const { stored, runId } = await start({
      list: {},
      each: spread("tasks.list.output", undefined, { needs: ["list"] }),
      after: { needs: ["each"] },
    });
    await runner.drain({ list: { output } });
    expect(await taskStates(db.pool, stored, runId)).toEqual({
      list: "succeeded",
      each: "failed",
      after: "upstream_failed",
    });
    expect(await readRun(db.pool, runId)).toMatchObject({
      firstError: { task: "each", message: `for_each: ${message}` },
    });
  });

  it("fails when what was gathered is no output", async () => {
    const { runId } = await start({ each: spread([1, 2]) });
    const long = { output: "x".repeat(700_000) };
    await runner.drain({ "each[0]": long, "each[1]": long });
    expect(await readRun(db.pool, runId)).toMatchObject({
      state: "failed",
      firstError: {
        message: expect.stringMatching(/^All task runs succeeded\. The output is longer/),
      },
    });
  });

  it("is skipped, or fails with its needs, before there is a list", async () => {
    const { stored, runId } = await start({
      fails: {},
      never: spread([1], undefined, { if: "1 == 2" }),
      after: spread("tasks.fails.output", undefined, { needs: ["fails"] }),
    });
    expect(await runner.drain({ fails: "fail" })).toEqual(["fails"]);
    expect(await taskStates(db.pool, stored, runId)).toEqual({
      fails: "failed",
      never: "skipped",
      after: "upstream_failed",
    });
  });
});

describe("a task run of a list that fails", () => {
  it("lets the others end, then fails its task; a rerun executes nothing else again", async () => {
    const { stored, runId } = await start({
      each: spread(["a", "b", "c", "d"]),
      after: { needs: ["each"] },
    });
    await runner.drain({ "each[1]": "fail", "each[0]": { output: "A" } });
    expect(await itemStates(runId)).toEqual(["succeeded", "failed", "succeeded", "succeeded"]);
    expect(await taskStates(db.pool, stored, runId)).toMatchObject({
      each: "failed",
      after: "upstream_failed",
    });
    expect(await readRun(db.pool, runId)).toMatchObject({
      state: "failed",
      firstError: { task: "each", item: 1, message: "exit code 1" },
    });

    const again = await rerun(runId, "failed");
    expect(await runner.drain({ "each[1]": "fail" })).toEqual(["each[1]"]);
    const third = await rerun(again, "failed");
    expect(await runner.drain({ "each[1]": { output: "B" } })).toEqual(["each[1]", "after"]);
    expect(await itemStates(third)).toEqual(["reused", "succeeded", "reused", "reused"]);
    expect(await outputOf(third, 0)).toEqual(["A", "B", null, null]);
    expect(await readRun(db.pool, third)).toMatchObject({ state: "succeeded" });

    const whole = await rerun(third, "all");
    expect(await runner.drain()).toEqual(["each[0]", "each[1]", "each[2]", "each[3]", "after"]);
    expect(await itemStates(whole)).toEqual(Array(4).fill("succeeded"));
  });

  it("is tried again by the policy of its task, alone", async () => {
    const retry = { attempts: 2, delayMs: 0, factor: 1, capMs: 0 };
    const { runId } = await start({ each: spread([1, 2], undefined, { retry }) });
    let failures = 0;
    const judge = async (task: string) =>
      task === "each[0]" && failures++ === 0 ? "fail" : undefined;
    await runner.drain(judge as never);
    await db.pool.query(
      "update task_run set state = 'ready', not_before = null where run_id = $1 and state = 'retry_wait'",
      [runId],
    );
    expect(await runner.drain()).toEqual(["each[0]"]);
    expect(await readRun(db.pool, runId)).toMatchObject({ state: "succeeded", recovered: true });
  });
});

describe("cancelling", () => {
  it("a task that was spread over a list ends all of its task runs", async () => {
    const { stored, runId } = await start({
      each: spread([1, 2, 3]),
      after: { needs: ["each"] },
      other: {},
    });
    await cancelTask(db.pool, runId, 0, "test");
    expect(await runner.drain()).toEqual(["other"]);
    expect(await taskStates(db.pool, stored, runId)).toMatchObject({
      each: "cancelled",
      after: "upstream_failed",
      other: "succeeded",
    });
    expect(await itemStates(runId)).toEqual(Array(3).fill("cancelled"));
  });

  it("a run ends the task runs of its lists", async () => {
    const { runId } = await start({ each: spread([1, 2, 3]) });
    await cancelRun(db.pool, runId, "test");
    expect(await readRun(db.pool, runId)).toMatchObject({ state: "cancelled" });
    expect(await runner.drain()).toEqual([]);
  });
});

it("ends as the sum of its task runs, whatever they do and in however many batches", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.boolean(), { maxLength: 12 }),
      fc.integer({ min: 1, max: 5 }),
      async (fails, batch) => {
        const { stored, runId } = await start({
          each: spread(fails, batch),
          after: { needs: ["each"] },
        });
        const runs = Math.ceil(fails.length / batch);
        const failing = Array.from({ length: runs }, (_, n) =>
          fails.slice(n * batch, (n + 1) * batch).includes(true),
        );
        const script = Object.fromEntries(
          failing.map((fail, n) => [`each[${n}]`, fail ? "fail" : { output: n }]),
        ) as Script;
        await runner.drain(script);
        const ok = !failing.includes(true);
        expect(await taskStates(db.pool, stored, runId)).toMatchObject({
          each: ok ? "succeeded" : "failed",
          after: ok ? "succeeded" : "upstream_failed",
        });
        expect(await outputOf(runId, 0)).toEqual(ok ? failing.map((_, n) => n) : undefined);
        expect(await itemStates(runId)).toEqual(failing.map((f) => (f ? "failed" : "succeeded")));
      },
    ),
    { numRuns: 40 },
  );
});
