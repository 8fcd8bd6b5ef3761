/** What a backfill of many intervals costs: to make and look at it, and to work it off. */
import { randomUUID } from "node:crypto";
import { operator } from "#server/auth/actor.ts";
import { backfillPlanInput } from "#server/usecases/backfills/inputs.ts";
import { planBackfill } from "#server/usecases/backfills/plan.ts";
import { getBackfill, getBackfillCells, listBackfills } from "#server/usecases/backfills/read.ts";
import { startBackfill } from "#server/usecases/backfills/start.ts";
import { awaitBackfill } from "../kit/backfills.ts";
import type { Bench, Measurement } from "../kit/bench.ts";
import { makeFlow } from "../kit/flows.ts";
import { startRunner } from "../kit/runner.ts";
import { openStage, type Stage, store } from "../kit/runs.ts";
import { drift, median } from "../kit/stats.ts";
import { openUpdateLimit } from "../limits/updates.ts";
import type { Measured } from "../report/figure.ts";

const INTERVALS = 10_000;
const BOUND_MS = 1_500;
/** Enough that the window never stands between the runner and its work. */
const CONCURRENCY = 1_000;
const SLOTS = 128;
const HOUR_MS = 3_600_000;

export const backfill: Measurement = { name: "backfill", measure };

async function measure(bench: Bench): Promise<Measured[]> {
  const intervals = bench.quick ? INTERVALS / 10 : INTERVALS;
  return [...(await measureCreation(bench, intervals)), await measureWork(bench, intervals)];
}

async function measureCreation(bench: Bench, intervals: number): Promise<Measured[]> {
  const stage = await openStage(bench, "bench_backfill_creation");
  const flow = await storeHourly(stage, 0);
  await stage.pool.query("create table bench_rows (like backfill_row including all)");
  const times: number[] = [];
  const bare: number[] = [];
  // No runner is there: what is measured stands still.
  await create(stage, flow, intervals);
  await insertBare(stage, 0, intervals);
  for (let repeat = 1; repeat <= (bench.quick ? 3 : 9); repeat++) {
    await bench.cluster.checkpoint();
    const began = performance.now();
    await create(stage, flow, intervals);
    times.push(performance.now() - began);
    bare.push(await insertBare(stage, repeat, intervals));
  }
  await stage.close();
  const name = `backfill of ${intervals.toLocaleString("en")} intervals, planned, started and listed`;
  const figure = {
    unit: "ms",
    value: median(times),
    range: [Math.min(...times), Math.max(...times)],
    how: `the use cases one after the other, all rows read back, median of ${times.length}`,
  } as const;
  return [
    { id: "backfill.creation", name, ...figure, target: { kind: "value", atMost: BOUND_MS } },
    {
      id: "backfill.creation.rows",
      name: `${name}, against its rows`,
      ...figure,
      limit: {
        name: `insert … select of ${intervals.toLocaleString("en")} rows into a copy of the ledger`,
        value: median(bare),
        drift: drift(bare.map((time) => [time])),
      },
      target: { kind: "ratio", atMost: 10 },
    },
  ];
}

async function storeHourly(stage: Stage, number: number): Promise<string> {
  const id = `hourly-${number}`;
  await store(stage, makeFlow(id, { type: "noop", needs: [[]] }));
  return id;
}

/** Everything from the request to what its page shows. @returns the id */
async function create(stage: Stage, flow: string, intervals: number): Promise<string> {
  const { deps } = stage;
  const from = Date.UTC(2015, 0, 1);
  const input = backfillPlanInput.parse({
    flow,
    from: new Date(from).toISOString(),
    to: new Date(from + intervals * HOUR_MS).toISOString(),
    step: "hour",
    concurrency: CONCURRENCY,
  });
  const { id, hash } = await planBackfill(deps, operator, input);
  await startBackfill(deps, operator, { id, planHash: hash, idempotencyKey: randomUUID() });
  await getBackfill(deps, operator, { id });
  await getBackfillCells(deps, operator, { id });
  await listBackfills(deps, operator, { limit: 50 });
  return id;
}

async function insertBare(stage: Stage, repeat: number, rows: number): Promise<number> {
  const began = performance.now();
  await stage.pool.query(
    `insert into bench_rows (backfill_id, ordinal, interval_start, interval_end, chosen, reason, state)
     select $1, g, to_timestamp(g * 3600), to_timestamp(g * 3600 + 3600), true, 'missing', 'waiting'
       from generate_series(1, $2::int) g`,
    [repeat, rows],
  );
  return performance.now() - began;
}

async function measureWork(bench: Bench, intervals: number): Promise<Measured> {
  const stage = await openStage(bench, "bench_backfill_work");
  const limit = await openUpdateLimit(bench, stage.url);
  const limits: number[] = [];
  const rates: number[] = [];
  const measureLimit = async () => {
    await bench.cluster.checkpoint();
    limits.push(await limit.measure(bench.quick ? 500 : 2_000));
  };
  await measureLimit();
  for (let repeat = 0; repeat < (bench.quick ? 1 : 3); repeat++) {
    // A flow of its own each time: nothing of it has succeeded before.
    const id = await create(stage, await storeHourly(stage, repeat), intervals);
    await bench.cluster.checkpoint();
    const runner = await startRunner(bench, { ...stage, slots: SLOTS });
    await awaitBackfill(stage, runner, id, { succeeded: intervals });
    await runner.stop();
    rates.push(intervals / (await secondsOf(stage, id)));
    await measureLimit();
  }
  await limit.close();
  await stage.close();
  return {
    id: "backfill.work",
    name: `${intervals.toLocaleString("en")} noop runs of a backfill`,
    unit: "per s",
    value: median(rates),
    range: [Math.min(...rates), Math.max(...rates)],
    limit: {
      name: "single-row update transactions over 8 connections",
      value: median(limits),
      drift: drift(limits.map((one) => [one])),
    },
    target: { kind: "ratio", atLeast: 0.1 },
    how: `one runner, IDEM_SLOTS=${SLOTS}, concurrency ${CONCURRENCY}, from the creation of the first run to the end of the last, median of ${rates.length}`,
  };
}

/** From the creation of the first run to the end of the last. */
async function secondsOf(stage: Stage, id: string): Promise<number> {
  const { rows } = await stage.pool.query<{ seconds: number }>(
    `select extract(epoch from max(finished_at) - min(created_at))::float8 as seconds
       from run where backfill_id = $1`,
    [id],
  );
  return rows[0]?.seconds ?? Number.NaN;
}
