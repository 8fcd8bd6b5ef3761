/** Ticks, fired by real runners that are killed while they do it. */
import { afterEach, beforeEach, expect, it } from "vitest";
import type { RunnerProcess } from "../../../test/engine/runner-process.ts";
import { until } from "../../../test/engine/runs.ts";
import { createWorld, type EngineWorld } from "../../../test/engine/world.ts";
import { publishScheduled } from "../../../test/schedules.ts";
import type { FaultPoint } from "../faults.ts";

let world: EngineWorld;

beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.remove());

const everySecond = {
  cron: "* * * * * *",
  timezone: "UTC",
  catchup: "all",
  overlap: "queue",
} as const;

/** How often a runner dies in the middle of a tick. */
const KILLS = 30;
const RUNNERS = 4;
/** Half of the deaths leave nothing behind, the other half come after the commit. */
const points: readonly FaultPoint[] = ["before-tick", "after-tick", "within-tick", "after-tick"];

const env = {
  // Only deaths are meant here, not leases that end on a busy machine.
  IDEM_LEASE_MS: "60000",
  IDEM_DRAIN_MS: "500",
};

it("makes one run of each tick while runners die between tick and run", async () => {
  const flows = ["bell", "gong"];
  for (const id of flows) await publishScheduled(world.pool, { id, schedules: [everySecond] });

  let deaths = 0;
  let started = 0;
  const doomed = async (): Promise<void> => {
    while (deaths < KILLS) {
      const point = points[started++ % points.length] ?? "within-tick";
      const runner: RunnerProcess = await world.startRunner({ IDEM_FAULT_POINT: point });
      expect(await runner.exit(), runner.output()).toBe("SIGKILL");
      deaths += 1;
    }
  };
  await Promise.all(Array.from({ length: RUNNERS }, doomed));
  expect(deaths).toBeGreaterThanOrEqual(KILLS);

  // Those who come after finish what was begun and go on.
  await Promise.all(Array.from({ length: RUNNERS }, () => world.startRunner(env)));
  await until("the ticks to be caught up with", async () => {
    const behind = await world.pool.query(
      "select 1 from schedule where next_tick_at < now() - interval '2 seconds'",
    );
    return behind.rowCount === 0;
  });
  await world.pool.query("update schedule set next_tick_at = null");
  await until("the dead to be given up", async () => {
    const active = await world.pool.query("select 1 from runner where state = 'active'");
    return active.rowCount === RUNNERS;
  });
  await until("the last run to end", async () => {
    const open = await world.pool.query("select 1 from run where finished_at is null limit 1");
    return open.rowCount === 0;
  });

  const ticks = await world.pool.query<{ flow: string; runs: number; ticks: number; span: number }>(
    `select flow_id as flow, count(*)::int as runs, count(distinct tick_at)::int as ticks,
            extract(epoch from max(tick_at) - min(tick_at))::int as span
       from run where trigger = 'schedule' group by flow_id order by flow_id`,
  );
  expect(ticks.rows.map(({ flow }) => flow)).toEqual(flows);
  for (const { runs, ticks: distinct, span } of ticks.rows) {
    expect(distinct).toBe(runs);
    expect(runs).toBe(span + 1); // no second without a run
  }
  const edges = await world.pool.query(
    `select 1 from (
       select interval_start, lag(interval_end) over (partition by flow_id order by tick_at) as before
         from run where trigger = 'schedule') r
      where before is distinct from interval_start and before is not null`,
  );
  expect(edges.rowCount).toBe(0);
  expect(await world.finish()).toEqual([]);
}, 300_000);

it("fires on time", async () => {
  await Promise.all([1, 2].map(() => world.startRunner(env)));
  await publishScheduled(world.pool, { id: "bell", schedules: [everySecond] });
  const lags = await until("ten runs", async () => {
    const runs = await world.pool.query<{ ms: number }>(
      `select extract(epoch from started_at - tick_at)::float8 * 1000 as ms from run
        where started_at is not null order by id`,
    );
    return runs.rows.length < 10 ? null : runs.rows.map(({ ms }) => ms);
  });
  // A bound of the behaviour and not of the speed: looking once per half second would miss it.
  expect(lags.toSorted((a, b) => a - b)[4]).toBeLessThan(1_000);
  expect(Math.min(...lags)).toBeGreaterThanOrEqual(0);
  await world.pool.query("update schedule set next_tick_at = null");
});
