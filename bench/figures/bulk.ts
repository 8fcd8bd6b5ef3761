/** What it costs to rerun many failed runs at once, from the order to the last rerun made. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { operator } from "#server/auth/actor.ts";
import { sha256Hex } from "#server/core/flow/canonical.ts";
import { inTransaction } from "#server/db/transaction.ts";
import { startRuns } from "#server/engine/start/start-runs.ts";
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
/** Runs have to fail first, which takes longer than what is measured. */
const REPEATS = 1;
const LIMIT_MS = 180_000;

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
  const service = await openService(bench);
  const runner = await startRunner(bench, { ...stage, slots: SLOTS });
  await measureLimit();
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    service.up = false;
    const flow = await makeFailedRuns(stage, runner, { number: repeat, runs, url: service.url });
    service.up = true;
    await bench.cluster.checkpoint();
    const began = performance.now();
    const id = await order(stage, flow, runs);
    orders.push(performance.now() - began);
    await awaitBulk(stage, runner, id, runs);
    rates.push(runs / (await secondsOf(stage, id)));
    await awaitState(stage, runner, { flow, state: "succeeded", runs });
    await measureLimit();
  }
  await runner.stop();
  await service.close();
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
      how: "the use cases one after the other",
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
      how: `one runner, IDEM_SLOTS=${SLOTS}, which executes the reruns meanwhile; from the order to the last rerun made`,
    },
  ];
}

interface Service {
  url: string;
  /** While it is not, it answers with status 500. */
  up: boolean;
  close(): Promise<void>;
}

/** What the tasks ask: down overnight, up in the morning. */
async function openService(bench: Bench): Promise<Service> {
  const server = createServer((_, response) => {
    response.writeHead(service.up ? 200 : 500).end();
  });
  const close = bench.cleanup.add(async () => {
    server.closeAllConnections();
    server.close();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const service: Service = { url: `http://127.0.0.1:${port}/`, up: false, close };
  return service;
}

/** @returns the flow of which so many runs have failed */
async function makeFailedRuns(
  stage: Stage,
  runner: Runner,
  { number, runs, url }: { number: number; runs: number; url: string },
): Promise<string> {
  const flow = `fails-${number}`;
  const settings = { url, method: "GET", headers: {}, expect: [[200, 299]], max_bytes: 1_000 };
  const shape = { type: "http", with: settings, needs: [[], [0]] };
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
  await awaitState(stage, runner, { flow, state: "failed", runs });
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

async function awaitState(
  stage: Stage,
  runner: Runner,
  { flow, state, runs }: { flow: string; state: "failed" | "succeeded"; runs: number },
): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    const { rows } = await stage.pool.query<{ n: number }>(
      "select count(*)::int as n from run where flow_id = $1 and state = $2",
      [flow, state],
    );
    if (rows[0]?.n === runs) return;
    if (performance.now() > deadline)
      throw new Error(`${rows[0]?.n} of ${runs} runs have ${state}`);
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
