import { describe, expect, it } from "vitest";
import { readTasks, type StoredFlow, startRun, storeFlow } from "../../../test/engine/runs.ts";
import { buildFlow, type TaskDraft } from "../../../test/flow-builder.ts";
import { sharedDatabase, sharedRunner } from "../../../test/shared-database.ts";
import { inTransaction } from "../../db/transaction.ts";
import { cancelRun } from "../settle/settle.ts";
import { releaseRuns } from "./release-runs.ts";
import { prepareRerun, startRerun } from "./start-rerun.ts";

const database = sharedDatabase();
const runner = sharedRunner(database);

let flows = 0;
async function limited(
  concurrency: number | null,
  tasks: Record<string, TaskDraft> = { a: {}, b: { needs: ["a"] } },
): Promise<StoredFlow> {
  flows += 1;
  const flow = buildFlow(`turns-${flows}`, tasks);
  const spec = concurrency === null ? flow.spec : { ...flow.spec, concurrency };
  return storeFlow(database.pool, { ...flow, spec });
}

async function heldOf(stored: StoredFlow): Promise<{ held: number; active: number }> {
  const { rows } = await database.pool.query<{ held: number; active: number }>(
    `select (count(*) filter (where held))::int as held, (count(*) filter (where not held))::int as active
       from run where flow_id = $1 and finished_at is null`,
    [stored.flow.spec.id],
  );
  return rows[0] ?? { held: 0, active: 0 };
}

const release = async () => (await releaseRuns(database.pool)).released;

describe("a flow with a limit of active runs", () => {
  it("holds the runs beyond it, and lets them go as others end", async () => {
    const stored = await limited(2);
    const runs: string[] = [];
    for (let i = 0; i < 5; i++) runs.push(await startRun(database.pool, stored));
    expect(await heldOf(stored)).toEqual({ active: 2, held: 3 });
    expect(await release()).toBe(0);
    const states = async (run: string) =>
      (await readTasks(database.pool, run)).map(({ state }) => state);
    expect(await states(runs[2] ?? "")).toEqual(["waiting", "waiting"]);
    expect(await runner.drain()).toEqual(["a", "a", "b", "b"]);
    expect(await release()).toBe(2);
    expect(await states(runs[2] ?? "")).toEqual(["ready", "waiting"]);
    expect(await states(runs[4] ?? "")).toEqual(["waiting", "waiting"]);
    await runner.drain();
    expect(await release()).toBe(1);
    await runner.drain();
    expect(await heldOf(stored)).toEqual({ active: 0, held: 0 });
  });

  it("never has more, whoever creates and releases at a time", async () => {
    const stored = await limited(3);
    await Promise.all(Array.from({ length: 12 }, () => startRun(database.pool, stored)));
    expect(await heldOf(stored)).toEqual({ active: 3, held: 9 });
    let ended = 0;
    while (ended < 24) {
      ended += (await runner.drain()).length;
      const [, , ...counts] = await Promise.all([
        startMore(ended),
        startMore(ended),
        ...Array.from({ length: 6 }, release),
      ]);
      expect(counts.reduce((sum, n) => sum + n, 0)).toBeLessThanOrEqual(3);
      expect((await heldOf(stored)).active).toBeLessThanOrEqual(3);
    }
    for (let left = await release(); left > 0; left = await release()) await runner.drain();

    async function startMore(after: number): Promise<void> {
      if (after < 12) await startRun(database.pool, stored);
    }
  });

  it("lets nobody overtake those that wait", async () => {
    const stored = await limited(1);
    const [first, second] = [
      await startRun(database.pool, stored),
      await startRun(database.pool, stored),
    ];
    await cancelRun(database.pool, first, "test");
    const third = await startRun(database.pool, stored);
    expect(await heldOf(stored)).toEqual({ active: 0, held: 2 });
    expect(await release()).toBe(1);
    const { rows } = await database.pool.query("select id, held from run where id = any($1)", [
      [second, third],
    ]);
    expect(rows).toEqual(
      expect.arrayContaining([
        { id: second, held: false },
        { id: third, held: true },
      ]),
    );
    await runner.drain();
    expect(await release()).toBe(1);
    await runner.drain();
  });

  it("counts reruns, and a held one goes on with what it runs again", async () => {
    const stored = await limited(1, { a: {}, b: { needs: ["a"] }, c: { needs: ["b"] }, d: {} });
    const parent = await startRun(database.pool, stored);
    await runner.drain({ b: "fail" });
    const blocker = await startRun(database.pool, stored);
    const rerun = await inTransaction(database.pool, async (client) => {
      const prepared = await prepareRerun(client, { id: parent, scope: "failed" });
      return startRerun(client, prepared, {
        createdBy: "test",
        idempotencyKey: "rerun of a limited flow",
        requestHash: "x",
      });
    });
    const states = async () =>
      (await readTasks(database.pool, rerun.id)).map(({ state }) => state).sort();
    expect(await states()).toEqual(["reused", "reused", "waiting", "waiting"]);
    expect(await release()).toBe(0);
    await cancelRun(database.pool, blocker, "test");
    expect(await release()).toBe(1);
    expect(await states()).toEqual(["ready", "reused", "reused", "waiting"]);
    expect(await runner.drain()).toEqual(["b", "c"]);
  });

  it("decides the conditions of a held run once it goes", async () => {
    const stored = await limited(1, { a: { if: "always()" }, b: { if: "failure()" } });
    await startRun(database.pool, stored);
    await startRun(database.pool, stored);
    expect(await runner.drain()).toEqual(["a"]);
    expect(await release()).toBe(1);
    expect(await runner.drain()).toEqual(["a"]);
    expect(await heldOf(stored)).toEqual({ active: 0, held: 0 });
  });

  it("follows a changed limit for the runs that wait", async () => {
    const stored = await limited(1);
    for (let i = 0; i < 4; i++) await startRun(database.pool, stored);
    await storeFlow(database.pool, {
      ...stored.flow,
      spec: { ...stored.flow.spec, concurrency: 3 },
    });
    expect(await release()).toBe(2);
    await storeFlow(database.pool, buildFlow(stored.flow.spec.id, { a: {} }));
    expect(await release()).toBe(1);
    await runner.drain();
  });
});

it("holds nothing back without a limit", async () => {
  const stored = await limited(null);
  for (let i = 0; i < 4; i++) await startRun(database.pool, stored);
  expect(await heldOf(stored)).toEqual({ active: 4, held: 0 });
  await runner.drain();
});
