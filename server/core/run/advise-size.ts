/**
 * Whether tasks are too small to be worth their start, from what happened. Waiting is told as
 * evidence, but does not decide: with every slot in use tasks of any size wait.
 */
import type { SizeAdvice } from "./size-view.ts";

/** Below this many task runs nothing is said. */
export const MIN_TASK_RUNS = 200;
/** Fewer task runs in one run are not worth a batch. */
const MIN_PER_RUN = 20;
/** The start is too dear when it takes at least as long as the work. */
const DEAR = 0.5;
/** Where the work of some takes longer than that of others by more than this, load does not explain it. */
const MOST_SPREAD = 3;
/** Starts that crowd on the processors take longer, but hardly by more than this factor. */
const MOST_CROWD = 8;
/** Part of the time that the start may take in a batch of the proposed size. */
const AIM = 0.1;
const MAX_BATCH = 10_000;

/** What task runs of one kind have taken, those that succeeded at the first attempt. */
export interface SizeRecord {
  /** The task that is executed over a list, or the type that many tasks have in common. */
  of: { kind: "list"; task: string; batch: number } | { kind: "alike"; type: string };
  /** Runs looked at. */
  runs: number;
  taskRuns: number;
  /** From ready to started, all together, in milliseconds. */
  waitMs: number;
  /** From started to finished, all together. */
  busyMs: number;
  /** From the first that was ready to the last that finished, all runs together. */
  spanMs: number;
  /** What the quickest tenth of these took. */
  quickMs: number;
  /** What the quickest tenth of all attempts of the type takes. */
  startUpMs: number;
  /** Processors that share the starts. */
  processors: number;
}

/**
 * What the start of one task run took on the average, under the load that there was. Load makes start
 * and work longer alike, so that their shares are taken from the quickest ones on both sides. But the
 * quickest of all may have had a machine to themselves, where these crowded: more of them at a time
 * than there are processors make each start longer by as much.
 */
function startUpUnderLoad(record: SizeRecord): number {
  const { quickMs, busyMs, taskRuns, processors } = record;
  const averageMs = busyMs / taskRuns;
  const startUpMs = Math.min(record.startUpMs, quickMs);
  const load = quickMs === 0 ? 1 : Math.min(averageMs / quickMs, MOST_SPREAD);
  const crowd = Math.min(atATime(record) / processors, MOST_CROWD);
  return Math.min(startUpMs * Math.max(load, crowd), MOST_SPREAD * quickMs, averageMs);
}

/** Task runs that executed at the same time, on the average; at least one. */
const atATime = ({ busyMs, spanMs }: SizeRecord): number =>
  Math.max(1, busyMs / Math.max(spanMs, 1));

/** @returns null when the history is too short or the tasks are large enough */
export function adviseSize(record: SizeRecord): SizeAdvice | null {
  const { of, runs, taskRuns, waitMs, busyMs, spanMs } = record;
  if (taskRuns < MIN_TASK_RUNS || taskRuns < runs * MIN_PER_RUN || runs === 0) return null;
  const startUpMs = startUpUnderLoad(record);
  const workMs = busyMs - startUpMs * taskRuns;
  if (busyMs <= 0 || (startUpMs * taskRuns) / busyMs < DEAR) return null;

  const now = of.kind === "list" ? of.batch : 1;
  const perRun = taskRuns / runs;
  const items = perRun * now;
  const itemMs = workMs / (items * runs);
  // As many at a time as there were, so that a batch never leaves a slot without work.
  const parallel = atATime(record);
  const enough = itemMs === 0 ? MAX_BATCH : (startUpMs * (1 - AIM)) / (AIM * itemMs);
  const batch = roundDown(Math.min(enough, items / parallel, MAX_BATCH));
  if (batch <= now) return null;
  const batches = Math.ceil(items / batch);
  const busyThen = batches * startUpMs + items * itemMs;
  return {
    of,
    runs,
    taskRuns,
    overhead: (waitMs + startUpMs * taskRuns) / (waitMs + busyMs),
    startUpMs,
    workMs: workMs / taskRuns,
    waitMs: waitMs / taskRuns,
    batch,
    spanMs: spanMs / runs,
    thenMs: Math.min(busyThen / Math.min(parallel, batches), spanMs / runs),
  };
}

/** The next smaller of 1, 2, 5, 10, 20, 50, …: a proposal says no more than the history does. */
function roundDown(value: number): number {
  if (value < 1) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [5, 2, 1].map((step) => step * power).find((step) => step <= value) ?? power;
}
