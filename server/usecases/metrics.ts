import { type Actor, authorise } from "#server/auth/actor.ts";
import type { RunnerView } from "#server/core/queue/runner-view.ts";
import {
  countEnded,
  countOpenRuns,
  type EndedCounts,
  type FlowCount,
  listFirstFlows,
  readMarks,
  readScheduleLag,
} from "#server/db/metrics.ts";
import { listPools, type PoolRow } from "#server/db/queue/pools.ts";
import { readTotals } from "#server/db/queue/queue-views.ts";
import type { Queryable } from "#server/db/sql.ts";
import type { Deps } from "./deps.ts";
import { listRunners } from "./runners/read.ts";

/** Flows with a label of their own; all others share one, so that labels stay few. */
export const MOST_FLOWS = 200;
export const OTHER_FLOWS = "_other";
/** Runs that one statement counts. */
const CHUNK = 100_000n;

export interface Metrics {
  /** Database time in milliseconds since 1970. */
  now: number;
  retryWait: number;
  pools: PoolRow[];
  /** Runs that have not ended: queued, held, running. */
  openRuns: FlowCount[];
  /** All that ever ended. */
  ended: { runs: FlowCount[]; attempts: FlowCount[] };
  schedules: { lag: number; due: number };
  /** Those that have not ended. */
  runners: RunnerView[];
}

/**
 * Counts of ended runs do not change any more below the oldest run that is open: they are remembered,
 * and each look counts only what came since. The first one counts everything, piece by piece.
 */
export class EndedCounter {
  #settled = 0n;
  #runs = new Map<string, FlowCount>();
  #attempts = new Map<string, FlowCount>();

  /** @returns all ended runs and attempts by flow and state */
  async read(sql: Queryable): Promise<{ runs: FlowCount[]; attempts: FlowCount[] }> {
    const marks = await readMarks(sql);
    const settled = BigInt(marks.settled);
    while (this.#settled < settled) {
      const from = this.#settled + 1n;
      const to = settled - from >= CHUNK ? from + CHUNK - 1n : settled;
      const counts = await countEnded(sql, String(from), String(to));
      // Another look may have come this far meanwhile.
      if (this.#settled + 1n !== from) continue;
      this.#settled = to;
      add(this.#runs, counts.runs);
      add(this.#attempts, counts.attempts);
    }
    const live = await countEnded(sql, String(this.#settled + 1n), marks.newest);
    return { runs: sum(this.#runs, live.runs), attempts: sum(this.#attempts, live.attempts) };
  }
}

function add(counts: Map<string, FlowCount>, more: readonly FlowCount[]): void {
  for (const { flow, state, n } of more) {
    const key = `${flow} ${state}`;
    counts.set(key, { flow, state, n: n + (counts.get(key)?.n ?? 0) });
  }
}

function sum(counts: ReadonlyMap<string, FlowCount>, more: EndedCounts["runs" | "attempts"]) {
  const all = new Map(counts);
  add(all, more);
  return [...all.values()];
}

/** Everything that monitoring asks for. */
export async function getMetrics(
  deps: Deps,
  actor: Actor,
  counter: EndedCounter,
): Promise<Metrics> {
  authorise(actor, "run:read");
  const [totals, pools, open, ended, flows, schedules, runners] = await Promise.all([
    readTotals(deps.pool),
    listPools(deps.pool),
    countOpenRuns(deps.pool),
    counter.read(deps.pool),
    listFirstFlows(deps.pool, MOST_FLOWS),
    readScheduleLag(deps.pool),
    listRunners(deps, actor),
  ]);
  const known = new Set(flows);
  return {
    now: Date.parse(totals.now),
    retryWait: totals.retryWait,
    pools,
    openRuns: bounded(open, known),
    ended: { runs: bounded(ended.runs, known), attempts: bounded(ended.attempts, known) },
    schedules,
    runners: runners.filter(({ state }) => state === "active" || state === "draining"),
  };
}

function bounded(counts: readonly FlowCount[], known: ReadonlySet<string>): FlowCount[] {
  const merged = new Map<string, FlowCount>();
  add(
    merged,
    counts.map((count) => (known.has(count.flow) ? count : { ...count, flow: OTHER_FLOWS })),
  );
  return [...merged.values()];
}
