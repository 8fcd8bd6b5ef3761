/** How long from one noop task of a chain to the next. */
import type { Bench, Measurement } from "../kit/bench.ts";
import { chain, makeFlow } from "../kit/flows.ts";
import { startRunner } from "../kit/runner.ts";
import { awaitRuns, handOffs, openStage, store, trigger } from "../kit/runs.ts";
import { openCommitLimit } from "../limits/commit.ts";
import type { Measured } from "../report/figure.ts";
import { latencyFigures } from "../report/latency.ts";

const TASKS = 200;
const SLOTS = 16;
const COMMITS = 200;

export const handOff: Measurement = { name: "hand-off", measure };

async function measure(bench: Bench): Promise<Measured[]> {
  const stage = await openStage(bench, "bench_hand_off");
  await store(stage, makeFlow("chain", { type: "noop", needs: chain(TASKS) }));
  const runner = await startRunner(bench, { ...stage, slots: SLOTS });
  const limit = await openCommitLimit(bench, stage.url);

  // Once over, unmeasured: caches, prepared statements, compiled code.
  await trigger(stage, "chain");
  await awaitRuns(stage, runner, 60_000);

  const commits: number[][] = [await limit.measure(COMMITS)];
  const blocks: number[][] = [];
  for (let repeat = 0; repeat < (bench.quick ? 2 : 5); repeat++) {
    const run = await trigger(stage, "chain");
    await awaitRuns(stage, runner, 60_000);
    blocks.push(await handOffs(stage, run));
    commits.push(await limit.measure(COMMITS));
  }
  await limit.close();
  await runner.stop();
  await stage.close();

  return latencyFigures({
    id: "hand-off",
    name: "hand-off between two tasks",
    blocks,
    commits,
    atMost: 3,
    how: `${blocks.length} chains of ${TASKS} noop tasks, start of one task to start of the next, IDEM_SLOTS=${SLOTS}`,
  });
}
