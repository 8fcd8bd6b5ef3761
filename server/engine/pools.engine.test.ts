/** Limits, with real runners that share one queue. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { awaitRun, startRun, storeFlow, until } from "../../test/engine/runs.ts";
import type { WitnessLine } from "../../test/engine/witness.ts";
import { createWorld, type EngineWorld } from "../../test/engine/world.ts";
import { buildFlow } from "../../test/flow-builder.ts";
import { setPoolSlots } from "../db/queue/pools.ts";

let world: EngineWorld;

beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.remove());

const SLOTS = 3;
const TASKS = 24;
const env = { IDEM_LEASE_MS: "60000", IDEM_SLOTS: "8" };

/** The most tasks that were between start and end at a time, by what they wrote down themselves. */
function mostAtOnce(lines: readonly WitnessLine[]): number {
  const live = new Set<string>();
  let most = 0;
  for (const { run, task, what } of lines) {
    if (what === "start") live.add(`${run} ${task}`);
    if (what === "done") live.delete(`${run} ${task}`);
    most = Math.max(most, live.size);
  }
  return most;
}

it("two runners never exceed a pool, use it to the full, and follow when it grows", async () => {
  const draft = world.witness.task(3, { pool: "scarce" });
  const tasks = Object.fromEntries(Array.from({ length: TASKS }, (_, i) => [`t${i}`, draft]));
  const stored = await storeFlow(world.pool, buildFlow("scarce", tasks));
  await setPoolSlots(world.pool, "scarce", SLOTS, "test");
  await Promise.all([world.startRunner(env), world.startRunner(env)]);
  const run = await startRun(world.pool, stored, { key: "few" });
  expect(await awaitRun(world.pool, run)).toMatchObject({ state: "succeeded" });
  expect(mostAtOnce(world.witness.lines())).toBe(SLOTS);

  await setPoolSlots(world.pool, "scarce", 0, "test");
  const more = await startRun(world.pool, stored, { key: "more" });
  const before = world.witness.lines().length;
  await setPoolSlots(world.pool, "scarce", 2 * SLOTS, "test");
  expect(await awaitRun(world.pool, more)).toMatchObject({ state: "succeeded" });
  const most = mostAtOnce(world.witness.lines().slice(before));
  expect(most).toBeGreaterThan(SLOTS);
  expect(most).toBeLessThanOrEqual(2 * SLOTS);
  expect(await world.finish(["few", "more"])).toEqual([]);
}, 120_000);

it("what is important goes first, and one of eight comes from below all the same", async () => {
  const draft = (needs: string[] = []) => world.witness.task(0, { needs });
  // Chains, so that follow-ups are handed over as well as claimed.
  const chains = Object.fromEntries(
    Array.from({ length: 48 }, (_, i) => [`c${i}`, draft(i < 8 ? [] : [`c${i - 8}`])]),
  );
  const wide = Object.fromEntries(Array.from({ length: 48 }, (_, i) => [`w${i}`, draft()]));
  const of = async (id: string, tasks: typeof wide, priority: number) => {
    const flow = buildFlow(id, tasks);
    return storeFlow(world.pool, { ...flow, spec: { ...flow.spec, priority } });
  };
  const low = await startRun(world.pool, await of("low", wide, -50), { key: "low" });
  const high = await startRun(world.pool, await of("high", chains, 50), { key: "high" });
  await world.startRunner({ ...env, IDEM_SLOTS: "2" });
  expect(await awaitRun(world.pool, high)).toMatchObject({ state: "succeeded" });
  expect(await awaitRun(world.pool, low)).toMatchObject({ state: "succeeded" });
  const order = world.witness
    .lines()
    .filter(({ what }) => what === "start")
    .map(({ run }) => run);
  const saturated = order.slice(0, order.lastIndexOf(high) + 1);
  const fromBelow = saturated.filter((run) => run === low).length;
  expect(fromBelow).toBeGreaterThanOrEqual(Math.floor(saturated.length / 8) - 1);
  expect(fromBelow).toBeLessThanOrEqual(Math.ceil(saturated.length / 8) + 3);
  expect(await world.finish(["low", "high"])).toEqual([]);
}, 120_000);

it("runs beyond a flow's limit follow as soon as one ends, and go to runners with the label", async () => {
  const draft = world.witness.task(2, { runsOn: "here" });
  const flow = buildFlow("in-turn", { only: draft });
  const stored = await storeFlow(world.pool, { ...flow, spec: { ...flow.spec, concurrency: 2 } });
  await Promise.all([
    world.startRunner(env),
    world.startRunner({ ...env, IDEM_LABELS: "here,linux" }),
  ]);
  const keys = Array.from({ length: 10 }, (_, i) => `turn ${i}`);
  await Promise.all(keys.map((key) => startRun(world.pool, stored, { key })));
  await until("all runs to end", async () => {
    const open = await world.pool.query("select from run where finished_at is null");
    return open.rowCount === 0;
  });
  expect(mostAtOnce(world.witness.lines())).toBe(2);
  // What matters is that nobody waits for the next look at the clock.
  const { rows } = await world.pool.query<{ gap: number }>(
    `select percentile_cont(0.5) within group (order by gap)::float8 as gap from (
       select extract(epoch from started_at - (
                select max(e.finished_at) from run e where e.finished_at <= r.started_at)) * 1000 as gap
         from run r) g`,
  );
  expect(rows[0]?.gap).toBeLessThan(250);
  const { rows: takers } = await world.pool.query<{ labels: string[] }>(
    "select distinct r.labels from attempt a join runner r on r.id = a.runner_id",
  );
  expect(takers).toEqual([{ labels: ["here", "linux"] }]);
  expect(await world.finish(keys)).toEqual([]);
}, 120_000);
