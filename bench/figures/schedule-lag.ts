/** How late the first tasks start when a thousand schedules are due at the same instant. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Bench, Measurement } from "../kit/bench.ts";
import { chain, makeFlow } from "../kit/flows.ts";
import { startRunner } from "../kit/runner.ts";
import { awaitRuns, openStage, type Stage, store } from "../kit/runs.ts";
import { summarise } from "../kit/stats.ts";
import type { Measured } from "../report/figure.ts";

const SCHEDULES = 1_000;
const TASKS = 2;
const SLOTS = 16;
const BOUND_MS = 2_000;
/** From setting the clock to the tick. */
const AHEAD_MS = 3_000;

export const scheduleLag: Measurement = { name: "schedule-lag", measure };

async function measure(bench: Bench): Promise<Measured[]> {
  const stage = await openStage(bench, "bench_schedule_lag");
  const count = bench.quick ? SCHEDULES / 10 : SCHEDULES;
  for (let flow = 0; flow < count; flow++) {
    const schedule = {
      cron: "0 0 1 1 *",
      timezone: "UTC",
      catchup: "none",
      overlap: "queue",
    } as const;
    const shape = { type: "noop", needs: chain(TASKS) };
    await store(stage, makeFlow(`flow-${flow}`, shape, [schedule]));
  }
  const runner = await startRunner(bench, { ...stage, slots: SLOTS });
  // Once over, unmeasured: caches, prepared statements, compiled code.
  await strike(stage);
  await awaitTicks(stage, count);
  await awaitRuns(stage, runner, 60_000);

  const blocks: number[][] = [];
  for (let repeat = 0; repeat < (bench.quick ? 1 : 3); repeat++) {
    const tick = await strike(stage);
    await awaitTicks(stage, count * (repeat + 2));
    await awaitRuns(stage, runner, 60_000);
    blocks.push(await lags(stage, tick));
  }
  await runner.stop();
  await stage.close();

  const all = summarise(blocks.flat());
  const tails = blocks.map((block) => summarise(block).p95);
  return [
    {
      id: "schedule-lag.p95",
      name: `lag of ${count.toLocaleString("en")} schedules due at once, p95`,
      unit: "ms",
      value: all.p95,
      range: [Math.min(...tails), Math.max(...tails)],
      target: { kind: "value", atMost: BOUND_MS },
      how: `tick to the start of the first of ${TASKS} noop tasks, one flow each, one runner, IDEM_SLOTS=${SLOTS}, ${blocks.length} ticks`,
      detail: { p50: all.p50, p99: all.p99 },
    },
  ];
}

/** Makes every schedule due at one second soon. @returns that second, ISO 8601 */
async function strike(stage: Stage): Promise<string> {
  const at = new Date(Math.ceil((Date.now() + AHEAD_MS) / 1_000) * 1_000);
  const time = `${at.getUTCSeconds()} ${at.getUTCMinutes()} ${at.getUTCHours()}`;
  await stage.pool.query(
    `update schedule set next_tick_at = $1, spec = spec || jsonb_build_object('cron', $2::text)`,
    [at.toISOString(), `${time} * * *`],
  );
  return at.toISOString();
}

async function awaitTicks(stage: Stage, runs: number): Promise<void> {
  for (const deadline = performance.now() + 60_000; ; await sleep(50)) {
    const { rows } = await stage.pool.query<{ n: number }>("select count(*)::int as n from run");
    if ((rows[0]?.n ?? 0) >= runs) return;
    if (performance.now() > deadline) throw new Error(`only ${rows[0]?.n} of ${runs} ticks fired`);
  }
}

/** Milliseconds from the tick to the first task, for each run of it. */
async function lags(stage: Stage, tick: string): Promise<number[]> {
  const { rows } = await stage.pool.query<{ ms: number }>(
    `select (extract(epoch from started_at - tick_at) * 1000)::float8 as ms from run where tick_at = $1`,
    [tick],
  );
  return rows.map((row) => row.ms);
}
