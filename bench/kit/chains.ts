/** Times a flow from trigger to end, again and again on one warm runner. */
import type { CompiledFlow } from "#server/core/flow/spec.ts";
import { openCommitLimit } from "../limits/commit.ts";
import type { Bench } from "./bench.ts";
import { startRunner } from "./runner.ts";
import { awaitRuns, openStage, readTimes, store, trigger } from "./runs.ts";
import { median } from "./stats.ts";

const LIMIT_MS = 120_000;

export interface ChainPlan {
  /** Name of the database. */
  database: string;
  flow: CompiledFlow;
  repeats: number;
  slots: number;
  /** Measures the limit, before the first repeat and after each. */
  between: () => Promise<void>;
}

export interface ChainTimes {
  /** The first run of a fresh runner, in milliseconds. */
  first: number;
  /** The following runs. */
  warm: number[];
}

/**
 * Milliseconds from the call that starts the run to the commit that ends it. The end is stored as
 * the time at which its statement began; one commit comes on top of it.
 */
export async function measureChain(bench: Bench, plan: ChainPlan): Promise<ChainTimes> {
  const stage = await openStage(bench, plan.database);
  await store(stage, plan.flow);
  const runner = await startRunner(bench, { ...stage, slots: plan.slots });
  const commit = await openCommitLimit(bench, stage.url);
  const once = async (): Promise<number> => {
    const began = Date.now();
    const run = await trigger(stage, plan.flow.spec.id);
    await awaitRuns(stage, runner, LIMIT_MS);
    const { finishedMs } = await readTimes(stage, run);
    return finishedMs - began + median(await commit.measure(20));
  };
  const first = await once();
  const warm: number[] = [];
  await plan.between();
  for (let repeat = 0; repeat < plan.repeats; repeat++) {
    warm.push(await once());
    await plan.between();
  }
  await commit.close();
  await runner.stop();
  await stage.close();
  return { first, warm };
}
