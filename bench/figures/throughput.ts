/** How many noop tasks one runner gets through per second. */
import type { Bench, Measurement } from "../kit/bench.ts";
import { layers, makeFlow } from "../kit/flows.ts";
import { startRunner } from "../kit/runner.ts";
import { awaitRuns, openStage, type Stage, store, trigger } from "../kit/runs.ts";
import { drift, median } from "../kit/stats.ts";
import { openUpdateLimit } from "../limits/updates.ts";
import type { Measured } from "../report/figure.ts";

const RUNS = 200;
/** Ten layers of ten: every task below the first layer needs ten others. */
const LAYERS = 10;
const WIDTH = 10;
/** Enough that a statement carries many tasks: a noop takes no time, so slots bound nothing else. */
const SLOTS = 128;
/** What a runner has when nothing is said. */
const DEFAULT_SLOTS = 16;

export const throughput: Measurement = { name: "throughput", measure };

async function measure(bench: Bench): Promise<Measured[]> {
  const runs = bench.quick ? RUNS / 10 : RUNS;
  const stage = await openStage(bench, "bench_throughput");
  await store(stage, makeFlow("layers", { type: "noop", needs: layers(LAYERS, WIDTH) }));
  const limit = await openUpdateLimit(bench, stage.url);
  const blockMs = bench.quick ? 500 : 2_000;
  const tasks = runs * LAYERS * WIDTH;

  const limits: number[] = [];
  const measureLimit = async () => {
    await bench.cluster.checkpoint();
    limits.push(await limit.measure(blockMs));
  };
  const rate = async (slots: number): Promise<number> => {
    // All runs wait in the queue before the runner comes: their creation is another figure.
    const ids: string[] = [];
    for (let i = 0; i < runs; i++) ids.push(await trigger(stage, "layers"));
    await bench.cluster.checkpoint();
    const runner = await startRunner(bench, { ...stage, slots });
    await awaitRuns(stage, runner, 120_000);
    await runner.stop();
    const measured = tasks / (await seconds(stage, ids));
    await measureLimit();
    return measured;
  };
  await measureLimit();
  const rates: number[] = [];
  for (let repeat = 0; repeat < (bench.quick ? 1 : 3); repeat++) rates.push(await rate(SLOTS));
  const plain = await rate(DEFAULT_SLOTS);
  await limit.close();
  await stage.close();

  const against = {
    name: "single-row update transactions over 8 connections",
    value: median(limits),
    drift: drift(limits.map((one) => [one])),
  };
  const how = `${runs} queued DAGs of ${LAYERS} layers of ${WIDTH}, fan-in ${WIDTH}, one runner, first start to last end`;
  const name = `throughput of ${tasks.toLocaleString("en")} noop tasks`;
  return [
    {
      id: "throughput",
      name,
      unit: "per s",
      value: median(rates),
      range: [Math.min(...rates), Math.max(...rates)],
      limit: against,
      target: { kind: "ratio", atLeast: 1 },
      how: `${how}, median of ${rates.length}, IDEM_SLOTS=${SLOTS}`,
    },
    {
      id: "throughput.default-slots",
      name: `${name}, ${DEFAULT_SLOTS} slots`,
      unit: "per s",
      value: plain,
      range: [plain, plain],
      limit: against,
      how: `${how}, once, IDEM_SLOTS=${DEFAULT_SLOTS}`,
    },
  ];
}

/** From the start of the first task to the end of the last. */
async function seconds(stage: Stage, runs: readonly string[]): Promise<number> {
  const { rows } = await stage.pool.query<{ seconds: number }>(
    `select extract(epoch from max(finished_at) - min(started_at))::float8 as seconds
       from attempt where run_id = any($1::bigint[])`,
    [runs],
  );
  return rows[0]?.seconds ?? Number.NaN;
}
