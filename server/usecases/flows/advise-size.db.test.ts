import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { operator } from "#server/auth/actor.ts";
import { type StoredFlow, startRun, storeFlow } from "../../../test/engine/runs.ts";
import { buildFlow, type TaskDraft } from "../../../test/flow-builder.ts";
import { sharedDatabase, sharedRunner } from "../../../test/shared-database.ts";
import { getSizeAdvice } from "./advise-size.ts";

const database = sharedDatabase();
const { deps } = database;
const runner = sharedRunner(database);

/** Executes a run and gives its task runs the times that the test is about: one after the other. */
async function execute(stored: StoredFlow, busyMs: number): Promise<void> {
  const runId = await startRun(database.pool, stored);
  await runner.drain();
  await database.pool.query(
    `update task_run t set ready_at = base, started_at = base + n * $2 * interval '1 ms',
            finished_at = base + (n + 1) * $2 * interval '1 ms'
       from (select ordinal, row_number() over (order by ordinal) - 1 as n, now() - interval '1 hour' as base
               from task_run where run_id = $1) o
      where t.run_id = $1 and t.ordinal = o.ordinal`,
    [runId, busyMs],
  );
}

const flowOf = (tasks: Record<string, TaskDraft>) =>
  storeFlow(database.pool, buildFlow(`flow-${randomUUID()}`, tasks));
const shell: TaskDraft = { type: "shell", with: { run: "true" } };
const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`t${n}`, shell]));
const adviceOn = (stored: StoredFlow) => getSizeAdvice(deps, operator, { id: stored.flow.spec.id });

it("says nothing of too few task runs, and proposes a batch for small ones", async () => {
  const list = await flowOf({
    load: { ...shell, forEach: { over: Array.from({ length: 150 }, (_, n) => n) } },
    once: { ...shell, needs: ["load"] },
  });
  await execute(list, 20);
  expect(await adviceOn(list)).toMatchObject({ minTaskRuns: 200, items: [] });
  await execute(list, 20);
  const [advice, ...others] = (await adviceOn(list)).items;
  expect(others).toEqual([]);
  expect(advice).toMatchObject({
    of: { kind: "list", task: "load", batch: 1 },
    runs: 2,
    taskRuns: 300,
    startUpMs: 20,
    workMs: 0,
    batch: 100,
  });
  expect(advice?.overhead).toBe(1);
  expect(advice?.thenMs).toBeLessThan((advice?.spanMs ?? 0) / 10);
});

it("sees many alike tasks, and leaves alone those whose work takes its time", async () => {
  const alike = await flowOf(many(250));
  await execute(alike, 20);
  expect((await adviceOn(alike)).items).toMatchObject([
    { of: { kind: "alike", type: "shell" }, taskRuns: 250, batch: 200 },
  ]);
  const large = await flowOf(many(250));
  await execute(large, 400);
  expect((await adviceOn(large)).items).toEqual([]);
  await expect(getSizeAdvice(deps, operator, { id: "nowhere" })).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
});
