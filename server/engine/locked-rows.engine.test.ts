/** A session that locks rows, as a transaction does that somebody has left open, stalls no other run. */
import pg from "pg";
import { expect, it } from "vitest";
import { setPoolSlots } from "#server/db/queue/pools.ts";
import { quickLease } from "../../test/engine/runner-process.ts";
import {
  awaitRun,
  readRun,
  type StoredFlow,
  startRun,
  storeFlow,
  until,
} from "../../test/engine/runs.ts";
import { createWorld, type EngineWorld } from "../../test/engine/world.ts";
import { buildFlow, type TaskDraft } from "../../test/flow-builder.ts";

/** Longer than a runner goes without comparing what it holds, more than twice. */
const LOCKED_MS = 12_000;
/** Less than half of what a statement of the queue may take. */
const LONGEST_REST_MS = 4_500;

it.concurrent("goes on with all runs but those whose rows are locked, and with those once they are free", async () => {
  await inWorldWithLocker(async (world, locker) => {
    await world.startRunner();
    const flow = await storeChain(world);
    const failing = await storeFlow(
      world.pool,
      buildFlow("failing", {
        first: { type: "wait", with: { duration: 500 } },
        fails: { type: "shell", with: { run: "exit 3" }, needs: ["first"] },
      }),
    );
    const locked = [flow, failing, flow].map((one) => startRun(world.pool, one));
    const ids = await Promise.all(locked);
    for (const id of ids) {
      await until("a run to start", async () => (await readRun(world.pool, id)).startedAt);
    }
    await locker.query("begin");
    await locker.query("select from task_run where run_id = any($1) for update", [ids]);
    await locker.query("select from run where id = any($1) for update", [ids]);
    await expectOthersToRun(world, flow);
    for (const id of ids) expect((await readRun(world.pool, id)).finishedAt).toBeNull();

    await locker.query("rollback");
    const ends = await Promise.all(ids.map((id) => awaitRun(world.pool, id)));
    expect(ends.map(({ state }) => state)).toEqual(["succeeded", "failed", "succeeded"]);
  });
});

it.concurrent("leaves a queued run whose row is locked, and takes those behind it", async () => {
  await inWorldWithLocker(async (world, locker) => {
    const flow = await storeChain(world);
    const locked = await startRun(world.pool, flow);
    await locker.query("begin");
    await locker.query("select from run where id = $1 for update", [locked]);
    await world.startRunner();
    await expectOthersToRun(world, flow);
    expect((await readRun(world.pool, locked)).state).toBe("queued");

    await locker.query("rollback");
    expect((await awaitRun(world.pool, locked)).state).toBe("succeeded");
  });
});

it.concurrent("leaves pools whose rows are locked, and takes what needs none of their slots", async () => {
  await inWorldWithLocker(async (world, locker) => {
    await setPoolSlots(world.pool, "narrow", 2, "test");
    const flow = await storeChain(world);
    const narrow = await storeFlow(
      world.pool,
      buildFlow("narrow", { only: { type: "wait", with: { duration: 1 }, pool: "narrow" } }),
    );
    await locker.query("begin");
    await locker.query("select from pool where name = 'narrow' for update");
    await world.startRunner();
    const locked = await startRun(world.pool, narrow);
    await expectOthersToRun(world, flow);
    expect((await readRun(world.pool, locked)).state).toBe("queued");

    await locker.query("rollback");
    expect((await awaitRun(world.pool, locked)).state).toBe("succeeded");
  });
});

it.concurrent("gives up killed runners and recovers what they had while a run of an earlier one is locked", async () => {
  await inWorldWithLocker(async (world, locker) => {
    const flow = await storeFlow(
      world.pool,
      buildFlow("long", { only: { type: "wait", with: { duration: 3_000 } } }),
    );
    const started = async () => {
      const run = await startRun(world.pool, flow);
      await until("a run to start", async () => (await readRun(world.pool, run)).startedAt);
      return run;
    };
    const first = await world.startRunner(quickLease);
    const locked = await started();
    await locker.query("begin");
    await locker.query("select from task_run where run_id = $1 for update", [locked]);
    first.kill("SIGKILL");
    const second = await world.startRunner(quickLease);
    await until("the first runner to be given up", async () => {
      const { rowCount } = await world.pool.query("select from runner where state = 'lost'");
      return rowCount === 1;
    });
    const other = await started();
    second.kill("SIGKILL");
    await world.startRunner(quickLease);
    expect((await awaitRun(world.pool, other)).state).toBe("succeeded");
    expect((await readRun(world.pool, locked)).finishedAt).toBeNull();

    await locker.query("rollback");
    expect((await awaitRun(world.pool, locked)).state).toBe("succeeded");
  });
});

async function inWorldWithLocker(
  play: (world: EngineWorld, locker: pg.Client) => Promise<void>,
): Promise<void> {
  const world = await createWorld();
  const locker = new pg.Client({ connectionString: world.url });
  try {
    await locker.connect();
    await play(world, locker);
    expect(await world.finish()).toEqual([]);
  } finally {
    await locker.end();
    await world.remove();
  }
}

function storeChain(world: EngineWorld): Promise<StoredFlow> {
  const tasks = Object.fromEntries(
    Array.from({ length: 20 }, (_, i): [string, TaskDraft] => [
      `t${i}`,
      { type: "wait", with: { duration: 20 }, needs: i === 0 ? [] : [`t${i - 1}`] },
    ]),
  );
  return storeFlow(world.pool, buildFlow("chain", tasks));
}

/** One run after the other, while rows of others are locked: no task waits long for the one before it. */
async function expectOthersToRun(world: EngineWorld, flow: StoredFlow): Promise<void> {
  const runs: string[] = [];
  for (const since = performance.now(); performance.now() - since < LOCKED_MS; ) {
    const run = await startRun(world.pool, flow);
    runs.push(run);
    expect((await awaitRun(world.pool, run)).state).toBe("succeeded");
  }
  const { rows } = await world.pool.query<{ ms: number }>(
    `select max(extract(epoch from next - started_at) * 1000)::float8 as ms
       from (select started_at, lead(started_at) over (order by started_at) as next
               from attempt where run_id = any($1)) a`,
    [runs],
  );
  expect(rows[0]?.ms).toBeLessThan(LONGEST_REST_MS);
}
