/** Four years of real weather, backfilled day by day: with failures, their retry, and once more. */
import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { operator } from "#server/auth/actor.ts";
import { retryFailed } from "#server/usecases/backfills/control.ts";
import { backfillPlanInput } from "#server/usecases/backfills/inputs.ts";
import { planBackfill } from "#server/usecases/backfills/plan.ts";
import { startBackfill } from "#server/usecases/backfills/start.ts";
import { syncFlows } from "#server/usecases/flows/sync.ts";
import { awaitBackfill } from "../kit/backfills.ts";
import type { Bench, Measurement } from "../kit/bench.ts";
import { type Runner, startRunner } from "../kit/runner.ts";
import { openStage, type Stage } from "../kit/runs.ts";
import type { Measured } from "../report/figure.ts";

const FIRST = "2012-01-01";
const LAST = "2016-01-01";
const DAYS = 1_461;
/** With --quick. */
const QUICK_LAST = "2012-05-27";
const QUICK_DAYS = 147;
/** Its sum cannot be written: all of its days fail. */
const BAD_MONTH = "2012-02";
const BAD_DAYS = 29;
const SLOTS = 16;

export const weatherBackfill: Measurement = {
  name: "weather-backfill",
  onlyWhenNamed: true,
  measure,
};

async function measure(bench: Bench): Promise<Measured[]> {
  const stage = await openStage(bench, "bench_weather");
  const home = join(bench.work, "weather");
  const days = bench.quick ? QUICK_DAYS : DAYS;
  // What an earlier benchmark wrote there must prove nothing.
  rmSync(home, { recursive: true, force: true });
  await syncFlows(stage.deps, "flows");
  const runner = await startRunner(bench, { ...stage, slots: SLOTS, home });
  const work: Work = { bench, stage, runner, days };

  const data = join(home, "data", "weather");
  const inTheWay = join(data, "seattle", BAD_MONTH.slice(0, 4), `${BAD_MONTH}.month.json`);
  mkdirSync(inTheWay, { recursive: true });
  const first = await fill(work, {}, { succeeded: days - BAD_DAYS, failed: BAD_DAYS });
  rmdirSync(inTheWay);
  const began = performance.now();
  await retryFailed(stage.deps, operator, { id: first.id });
  await awaitBackfill(stage, runner, first.id, { succeeded: days });
  const retrySeconds = (performance.now() - began) / 1_000;

  const written = treeBelow(data);
  const again = await fill(work, { reprocess: "all", order: "desc" }, { succeeded: days });
  const changed = changesOf(written, treeBelow(data));
  if (changed.length > 0) throw new Error(`Files differ afterwards: ${changed.join(", ")}`);
  await runner.stop();
  await stage.close();
  return [
    {
      id: "weather-backfill",
      name: `backfill of ${days.toLocaleString("en")} days of weather-daily`,
      unit: "s",
      value: first.seconds,
      range: [Math.min(first.seconds, again.seconds), Math.max(first.seconds, again.seconds)],
      how: `4 TypeScript tasks and 1 shell task a day, one runner, IDEM_SLOTS=${SLOTS}; ${BAD_DAYS} days failed, were retried alone, and a second backfill of all days in the other order changed no byte of ${Object.keys(written).length} files`,
      detail: { retrySeconds, againSeconds: again.seconds, files: Object.keys(written).length },
    },
  ];
}

interface Work {
  bench: Bench;
  stage: Stage;
  runner: Runner;
  days: number;
}

/** Backfills all days, and checks how they ended. */
async function fill(
  { bench, stage, runner, days }: Work,
  more: object,
  counts: { succeeded: number; failed?: number },
): Promise<{ id: string; seconds: number }> {
  const input = backfillPlanInput.parse({
    flow: "weather-daily",
    from: FIRST,
    to: bench.quick ? QUICK_LAST : LAST,
    step: "day",
    concurrency: SLOTS,
    ...more,
  });
  const { id, hash, total } = await planBackfill(stage.deps, operator, input);
  if (total !== days) throw new Error(`There are ${total} days, not ${days}`);
  const began = performance.now();
  await startBackfill(stage.deps, operator, { id, planHash: hash, idempotencyKey: randomUUID() });
  await awaitBackfill(stage, runner, id, counts);
  return { id, seconds: (performance.now() - began) / 1_000 };
}

/** Everything below a folder, by path. */
function treeBelow(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.map((path) => [path, readFileSync(path, "utf8")]));
}

function changesOf(before: Record<string, string>, after: Record<string, string>): string[] {
  const paths = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...paths].filter((path) => before[path] !== after[path]);
}
