/** A long history of ended runs, loaded once for all figures that look at it. */
import { loadHistory } from "../../prisma/history.ts";
import type { Bench } from "./bench.ts";
import { openStage, type Stage } from "./runs.ts";

const RUNS = 1_000_000;
const FLOWS = 50;

export interface History extends Stage {
  runs: number;
  /** Ids of the flows. */
  flows: string[];
}

const loaded = new WeakMap<Bench, Promise<History>>();

/** Loads it when first asked for; it stays until the benchmark ends. */
export function openHistory(bench: Bench): Promise<History> {
  const known = loaded.get(bench);
  if (known !== undefined) return known;
  const history = load(bench);
  loaded.set(bench, history);
  return history;
}

async function load(bench: Bench): Promise<History> {
  const runs = bench.quick ? RUNS / 10 : RUNS;
  const stage = await openStage(bench, "bench_history");
  bench.say(`Loading ${runs.toLocaleString("en")} runs`);
  const flows = await loadHistory(stage.pool, { runs, flows: FLOWS });
  await bench.cluster.checkpoint();
  return { ...stage, runs, flows };
}
