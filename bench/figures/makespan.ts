/** How long recorded workflows take, against the shortest time that their DAG and the slots allow. */
import { compileDocument } from "#server/core/flow/compile.ts";
import { parseWfcommons } from "#server/core/flow/wfcommons.ts";
import { taskTypes } from "#server/plugins/task-types.ts";
import type { Bench, Measurement } from "../kit/bench.ts";
import { compiled } from "../kit/compiled.ts";
import { type Instance, leastMakespan, listSchedule, readInstances } from "../kit/instances.ts";
import { startRunner } from "../kit/runner.ts";
import { awaitRuns, openStage, type Stage, store, trigger } from "../kit/runs.ts";
import { median } from "../kit/stats.ts";
import type { Measured } from "../report/figure.ts";

const SCALE = 0.001;
const SLOTS = 16;
const RATIO = 1.25;
/** Beside what the instance must take at least. */
const PATIENCE_MS = 30_000;

export const makespan: Measurement = { name: "makespan", needsInstances: true, measure };

async function measure(bench: Bench): Promise<Measured[]> {
  if (bench.wfinstances === null) throw new Error("no folder of recorded workflows is given");
  const instances = await readInstances(bench.wfinstances);
  const stage = await openStage(bench, "bench_makespan");
  const flows = new Map<Instance, string>();
  for (const instance of instances) {
    const document = parseWfcommons(instance.text, `${instance.name}.json`, SCALE);
    const flow = compiled({ result: compileDocument(document, { types: taskTypes }) });
    await store(stage, flow);
    flows.set(instance, flow.spec.id);
  }
  const runner = await startRunner(bench, { ...stage, slots: SLOTS });
  const figures: Measured[] = [];
  for (const [instance, flow] of flows) {
    const limitMs = Math.max(instance.criticalPathS, instance.workS / SLOTS) * SCALE * 1_000;
    const spans: number[] = [];
    const whole: number[] = [];
    // The first run loads the revision into the runner; it is not counted.
    for (let repeat = 0; repeat <= (bench.quick ? 1 : 5); repeat++) {
      const began = Date.now();
      const run = await trigger(stage, flow);
      await awaitRuns(stage, runner, limitMs + PATIENCE_MS);
      if (repeat === 0) continue;
      const { startMs, endMs } = await readSpan(stage, run);
      spans.push(endMs - startMs);
      whole.push(endMs - began);
    }
    figures.push({
      id: `makespan.${instance.name}`,
      name: `makespan of ${instance.name}`,
      unit: "ms",
      value: median(spans),
      range: [Math.min(...spans), Math.max(...spans)],
      limit: { name: "the longer of critical path and work / slots", value: limitMs, drift: null },
      target: { kind: "ratio", atMost: RATIO },
      how: `${instance.tasks} waits at scale ${SCALE}, first start to last end, median of ${spans.length}, IDEM_SLOTS=${SLOTS}`,
      detail: {
        fromTrigger: median(whole),
        least: leastMakespan(instance, SLOTS) * SCALE * 1_000,
        listSchedule: listSchedule(instance, SLOTS) * SCALE * 1_000,
      },
    });
  }
  await runner.stop();
  await stage.close();
  return figures;
}

/** When the first task of a run started and the last one ended, in epoch milliseconds. */
async function readSpan(stage: Stage, run: string): Promise<{ startMs: number; endMs: number }> {
  const { rows } = await stage.pool.query<{ startMs: number; endMs: number }>(
    `select (extract(epoch from min(started_at)) * 1000)::float8 as "startMs",
            (extract(epoch from max(finished_at)) * 1000)::float8 as "endMs"
       from attempt where run_id = $1`,
    [run],
  );
  const [span] = rows;
  if (span === undefined) throw new Error(`Run ${run} has no attempts`);
  return span;
}
