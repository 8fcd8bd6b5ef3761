/** How long it takes to start a run of a large DAG. */
import type { Bench, Measurement } from "../kit/bench.ts";
import { makeFlow, strides } from "../kit/flows.ts";
import { openStage, type Stage, store, trigger } from "../kit/runs.ts";
import { drift, median } from "../kit/stats.ts";
import type { Measured } from "../report/figure.ts";

const TASKS = 2_000;
const EDGES = 6_000;
const STRIDE = 20;
const BOUND_MS = 300;

export const runCreation: Measurement = { name: "run-creation", measure };

async function measure(bench: Bench): Promise<Measured[]> {
  const stage = await openStage(bench, "bench_run_creation");
  await store(stage, makeFlow("large", { type: "noop", needs: strides(TASKS, EDGES, STRIDE) }));
  await stage.pool.query("create table bench_rows (like task_run including all)");
  const times: number[] = [];
  const bare: number[] = [];
  await trigger(stage, "large");
  await insertBare(stage, 0);
  for (let repeat = 1; repeat <= (bench.quick ? 3 : 15); repeat++) {
    const began = performance.now();
    await trigger(stage, "large");
    times.push(performance.now() - began);
    bare.push(await insertBare(stage, repeat));
  }
  await stage.close();
  return [
    {
      id: "run-creation",
      name: `creation of a run of ${TASKS.toLocaleString("en")} tasks and ${EDGES.toLocaleString("en")} edges`,
      unit: "ms",
      value: median(times),
      range: [Math.min(...times), Math.max(...times)],
      limit: {
        name: `insert of ${TASKS.toLocaleString("en")} rows into an empty copy of the table`,
        value: median(bare),
        drift: drift(bare.map((time) => [time])),
      },
      target: { kind: "value", atMost: BOUND_MS },
      how: `the use case, from request to committed and read back, median of ${times.length}`,
    },
  ];
}

/** The rows of one run into a table with the same columns and indexes, in one transaction. */
async function insertBare(stage: Stage, run: number): Promise<number> {
  const began = performance.now();
  await stage.pool.query(
    `insert into bench_rows (run_id, ordinal, revision_id, state, pending, gated, leaf)
     select $1, g, 1, 'waiting', 3, false, false from generate_series(1, $2::int) g`,
    [run, TASKS],
  );
  return performance.now() - began;
}
