/** How long from the call that starts a run to its first task, when nothing else is to be done. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Bench, Measurement } from "../kit/bench.ts";
import { makeFlow } from "../kit/flows.ts";
import { type Runner, startRunner } from "../kit/runner.ts";
import { openStage, readTimes, type Stage, store, trigger } from "../kit/runs.ts";
import { openCommitLimit } from "../limits/commit.ts";
import type { Measured } from "../report/figure.ts";
import { latencyFigures } from "../report/latency.ts";

const SAMPLES = 1_000;
const BLOCKS = 5;
const COMMITS = 100;
const SLOTS = 16;
const POLL_MS = 5;
const LIMIT_MS = 10_000;

export const triggerToStart: Measurement = { name: "trigger", measure };

async function measure(bench: Bench): Promise<Measured[]> {
  const stage = await openStage(bench, "bench_trigger");
  await store(stage, makeFlow("one", { type: "noop", needs: [[]] }));
  const runner = await startRunner(bench, { ...stage, slots: SLOTS });
  const limit = await openCommitLimit(bench, stage.url);

  // Unmeasured: caches, prepared statements, compiled code.
  for (let i = 0; i < 20; i++) await once(stage, runner);
  const commits: number[][] = [await limit.measure(COMMITS)];
  const blocks: number[][] = [];
  const size = (bench.quick ? SAMPLES / 10 : SAMPLES) / BLOCKS;
  for (let block = 0; block < BLOCKS; block++) {
    const times: number[] = [];
    for (let i = 0; i < size; i++) times.push(await once(stage, runner));
    blocks.push(times);
    commits.push(await limit.measure(COMMITS));
  }
  await limit.close();
  await runner.stop();
  await stage.close();

  return latencyFigures({
    id: "trigger",
    name: "trigger to first task start when idle",
    blocks,
    commits,
    atMost: 6,
    how: `${blocks.flat().length} runs of one noop task, one after the other on an idle runner, from the call to the start of the task`,
  });
}

/** Milliseconds; both clocks are this machine's. Ends when the run has ended, so that the next is idle. */
async function once(stage: Stage, runner: Runner): Promise<number> {
  const began = performance.timeOrigin + performance.now();
  const run = await trigger(stage, "one");
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    const { startedMs, finishedMs } = await readTimes(stage, run);
    // Null until it has ended.
    if (finishedMs) return startedMs - began;
    if (performance.now() > deadline) throw new Error(`Run ${run} has not ended`);
    await Promise.race([runner.failed, sleep(POLL_MS)]);
  }
}
