/** What it costs to rerun many failed runs at once, from the order to the last rerun made. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { operator } from "#server/auth/actor.ts";
import { sha256Hex } from "#server/core/flow/canonical.ts";
import { inTransaction } from "#server/db/transaction.ts";
import { startRuns } from "#server/engine/start-runs.ts";
import { getBulk, previewBulk, startBulk } from "#server/usecases/bulk/bulk.ts";
import { bulkStartInput } from "#server/usecases/bulk/inputs.ts";
import type { Bench, Measurement } from "../kit/bench.ts";
import { makeFlow } from "../kit/flows.ts";
import { type Runner, startRunner } from "../kit/runner.ts";
import { openStage, type Stage, store } from "../kit/runs.ts";
import { drift, median } from "../kit/stats.ts";
import { openUpdateLimit } from "../limits/updates.ts";
import type { Measured } from "../report/figure.ts";

const RUNS = 10_000;
const SLOTS = 128;
const CHUNK = 500;
const POLL_MS = 100;
const LIMIT_MS = 300_000;
/** Nobody listens there, and fetch refuses it without asking. */
const URL_THAT_FAILS = "http://127.0.0.1:1/";

export const bulk: Measurement = { name: "bulk", onlyWhenNamed: true, measure };

async function measure(bench: Bench): Promise<Measured[]> {
  const runs = bench.quick ? RUNS / 10 : RUNS;
  const stage = await openStage(bench, "bench_bulk");
  const limit = await openUpdateLimit(bench, stage.url);
  const limits: number[] = [];
  const orders: number[] = [];
  const rates: number[] = [];
  const measureLimit = async () => {
    await bench.cluster.checkpoint();
    limits.push(await limit.measure(bench.quick ? 500 : 2_000));
  };
  const runner = await startRunner(bench, { ...stage, slots: SLOTS });
  await measureLimit();
  for (let repeat = 0; repeat < (bench.quick ? 1 : 3); repeat++) {
    const flow = await makeFailedRuns(stage, runner, repeat, runs);
    await bench.cluster.checkpoint();
    const began = performance.now();
    const id = await order(stage, flow, runs);
    orders.push(performance.now() - began);
    await awaitBulk(stage, runner, id, runs);
    rates.push(runs / (await secondsOf(stage, id)));
    await measureLimit();
  }
  await runner.stop();
  await limit.close();
  await stage.close();
  const name = `${runs.toLocaleString("en")} failed runs of two tasks`;
  return [
    {
      id: "bulk.order",
      name: `${name}: counted, and the order to rerun them stored`,
      unit: "ms",
      value: median(orders),
      range: [Math.min(...orders), Math.max(...orders)],
      how: `the use cases one after the other, median of ${orders.length}`,
    },
    {
      id: "bulk.rerun",
      name: `${name}: rerun, each with its certificate`,
      unit: "per s",
      value: median(rates),
      range: [Math.min(...rates), Math.max(...rates)],
      limit: {
        name: "single-row update transactions over 8 connections",
        value: median(limits),
        drift: drift(limits.map((one) => [one])),
      },
      how: `one runner, IDEM_SLOTS=${SLOTS}, which executes the reruns meanwhile; from the order to the last rerun made, median of ${rates.length}`,
    },
  ];
}

/** @returns the flow of which so many runs have failed */
async function makeFailedRuns(
  stage: Stage,
  runner: Runner,
  number: number,
  runs: number,
): Promise<string> {
  const flow = `fails-${number}`;
  const shape = { type: "http", with: { url: URL_THAT_FAILS }, needs: [[], [0]] };
  await store(stage, makeFlow(flow, shape));
  const { rows } = await stage.pool.query<{ revisionId: string; revisionHash: string }>(
    `select r.id as "revisionId", r.hash as "revisionHash"
       from flow f join revision r on r.id = f.latest_revision_id where f.id = $1`,
    [flow],
  );
  const [revision] = rows;
  if (revision === undefined) throw new Error(`The flow ${flow} vanished`);
  for (let made = 0; made < runs; made += CHUNK) {
    const orders = Array.from({ length: Math.min(CHUNK, runs - made) }, (_, index) => {
      const key = `${flow} ${made + index}`;
      return {
        ...{ flowId: flow, ...revision, params: {}, interval: null, timezone: "UTC" },
        ...{ trigger: "manual" as const, createdBy: operator.name },
        ...{ idempotencyKey: key, requestHash: sha256Hex(key) },
      };
    });
    await inTransaction(stage.pool, (client) => startRuns(client, orders));
  }
  await awaitFailed(stage, runner, flow, runs);
  return flow;
}

async function order({ deps }: Stage, flow: string, runs: number): Promise<string> {
  const filter = { flow, state: ["failed" as const] };
  const { count, highWater } = await previewBulk(deps, operator, { kind: "rerun", filter });
  if (count !== runs) throw new Error(`${count} runs failed, not ${runs}`);
  const input = { kind: "rerun", filter, count, highWater, idempotencyKey: randomUUID() };
  return (await startBulk(deps, operator, bulkStartInput.parse(input))).id;
}

async function awaitBulk(stage: Stage, runner: Runner, id: string, runs: number): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    const { finishedAt, counts } = await getBulk(stage.deps, operator, id);
    if (finishedAt !== null && counts.done === runs) return;
    if (finishedAt !== null || performance.now() > deadline) {
      throw new Error(`Bulk action ${id}: ${JSON.stringify(counts)}`);
    }
    await Promise.race([runner.failed, sleep(POLL_MS)]);
  }
}

async function awaitFailed(
  stage: Stage,
  runner: Runner,
  flow: string,
  runs: number,
): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    const { rows } = await stage.pool.query<{ n: number }>(
      "select count(*)::int as n from run where flow_id = $1 and state = 'failed'",
      [flow],
    );
    if (rows[0]?.n === runs) return;
    if (performance.now() > deadline) throw new Error(`${rows[0]?.n} of ${runs} runs have failed`);
    await Promise.race([runner.failed, sleep(POLL_MS)]);
  }
}

/** From the order to the last rerun made. */
async function secondsOf(stage: Stage, id: string): Promise<number> {
  const { rows } = await stage.pool.query<{ seconds: number }>(
    `select extract(epoch from max(i.ended_at) - min(a.created_at))::float8 as seconds
       from bulk_action a join bulk_item i on i.bulk_id = a.id where a.id = $1`,
    [id],
  );
  return rows[0]?.seconds ?? Number.NaN;
}
