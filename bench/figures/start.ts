/** How long `npm start` takes, and how much memory what it starts holds. */
import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { operator } from "#server/auth/actor.ts";
import { createPool, createPrisma } from "#server/db/connection.ts";
import { DATABASE, urlOf } from "#server/db/embedded/create.ts";
import { readSettings } from "#server/db/embedded/settings.ts";
import { inTransaction } from "#server/db/transaction.ts";
import type { Deps } from "#server/usecases/deps.ts";
import { storeFlow } from "#server/usecases/flows/store.ts";
import { createRun } from "#server/usecases/runs/create.ts";
import type { Bench, Measurement } from "../kit/bench.ts";
import { layers, makeFlow } from "../kit/flows.ts";
import { descendants, listProcesses } from "../kit/processes.ts";
import { npmStart, type Started } from "../kit/start.ts";
import { median } from "../kit/stats.ts";
import type { Measured } from "../report/figure.ts";

const WARM_LIMIT_S = 4;
const IDLE_MS = 5_000;
const LOAD_RUNS = 100;
const LOAD_REQUESTS = 8;
const SAMPLE_MS = 100;
const MB = 1_000_000;

export const start: Measurement = { name: "start", measure };

async function measure(bench: Bench): Promise<Measured[]> {
  const tree = await bench.tree();
  const home = join(bench.work, "start");
  await mkdir(home, { recursive: true });
  bench.cleanup.add(() => removeHome(home));

  await tree.unbuild();
  const cold = await npmStart(bench, home);
  await cold.stop();

  const warm: number[] = [];
  for (let repeat = 1; repeat < (bench.quick ? 2 : 5); repeat++) {
    const started = await npmStart(bench, home);
    warm.push(started.readyMs / 1000);
    await started.stop();
  }
  const last = await npmStart(bench, home);
  warm.push(last.readyMs / 1000);
  const memory = await measureMemory(last, home);
  await last.stop();

  const coldSeconds = cold.readyMs / 1000;
  return [
    {
      id: "start.cold",
      name: "cold npm start, build and new database included",
      unit: "s",
      value: coldSeconds,
      range: [coldSeconds, coldSeconds],
      how: "from the command to “Idem is ready”, nothing built, no IDEM_HOME; once",
    },
    {
      id: "start.warm",
      name: "warm npm start",
      unit: "s",
      value: median(warm),
      range: [Math.min(...warm), Math.max(...warm)],
      target: { kind: "value", atMost: WARM_LIMIT_S },
      how: `from the command to “Idem is ready”, PostgreSQL stopped before, median of ${warm.length}`,
    },
    ...memory,
  ];
}

interface Memory {
  web: number[];
  runner: number[];
  /** The runner with its watchdog and its workers. */
  runnerTree: number[];
}

async function measureMemory(started: Started, home: string): Promise<Measured[]> {
  const url = await urlOfHome(home);
  const pool = createPool(url, { name: "idem bench", max: 4, onError: () => {} });
  try {
    const { rows } = await pool.query<{ pid: number }>(
      "select pid from runner where state = 'active'",
    );
    const runner = rows.find(({ pid }) => started.children.includes(pid))?.pid;
    const web = started.children.find((pid) => pid !== runner);
    if (runner === undefined || web === undefined) throw new Error("The processes are not known");
    const idle = await sampleFor(web, runner, sleep(IDLE_MS));
    const load = await sampleFor(
      web,
      runner,
      makeLoad({ pool, prisma: createPrisma(pool) }, started),
    );
    return [
      figure("web", "idle", idle.web, "median"),
      figure("web", "under load", load.web, "peak"),
      figure("runner", "idle", idle.runner, "median", { withChildren: median(idle.runnerTree) }),
      figure("runner", "under load", load.runner, "peak", {
        withChildren: Math.max(...load.runnerTree),
      }),
    ];
  } finally {
    await pool.end();
  }
}

function figure(
  process: string,
  state: "idle" | "under load",
  samples: readonly number[],
  kind: "median" | "peak",
  detail?: Record<string, number>,
): Measured {
  return {
    id: `memory.${process}.${state === "idle" ? "idle" : "load"}`,
    name: `resident memory of the ${process}, ${state}`,
    unit: "MB",
    value: kind === "median" ? median(samples) : Math.max(...samples),
    range: [Math.min(...samples), Math.max(...samples)],
    how:
      state === "idle"
        ? `${kind} over ${IDLE_MS / 1000} s after the start, 10^6 bytes`
        : `${kind} while ${LOAD_RUNS} runs of 100 noop tasks execute and pages are asked for by ${LOAD_REQUESTS} clients, 10^6 bytes`,
    ...(detail === undefined ? {} : { detail }),
  };
}

/** Resident memory in MB, every tenth of a second until `work` is done. */
async function sampleFor(web: number, runner: number, work: Promise<unknown>): Promise<Memory> {
  const memory: Memory = { web: [], runner: [], runnerTree: [] };
  let done = false;
  const finished = work.finally(() => {
    done = true;
  });
  do {
    const rows = await listProcesses();
    const own = descendants(rows, runner);
    const bytes = (pid: number) => rows.find((row) => row.pid === pid)?.residentBytes ?? Number.NaN;
    memory.web.push(bytes(web) / MB);
    memory.runner.push(bytes(runner) / MB);
    memory.runnerTree.push(own.reduce((sum, row) => sum + row.residentBytes, 0) / MB);
    await sleep(SAMPLE_MS);
  } while (!done);
  await finished;
  return memory;
}

/** Runs to execute and pages to answer, at the same time. */
async function makeLoad(deps: Deps, started: Started): Promise<void> {
  const flow = makeFlow("bench-load", { type: "noop", needs: layers(10, 10) });
  await inTransaction(deps.pool, (client) => storeFlow(client, flow, "push", operator.name));
  for (let i = 0; i < LOAD_RUNS; i++) {
    const idempotencyKey = randomUUID();
    await createRun(deps, operator, {
      ...{ flow: flow.spec.id, params: {}, timezone: "UTC", idempotencyKey },
    });
  }
  let live = true;
  const clients = Array.from({ length: LOAD_REQUESTS }, async (_, index) => {
    const paths = ["/", "/runs", "/flows", "/runners"];
    for (let i = index; live; i++) {
      const response = await fetch(`${started.address}${paths[i % paths.length]}`);
      await response.text();
      if (response.status >= 500) throw new Error(`${response.url} answers ${response.status}`);
    }
  });
  const ended = (async () => {
    while (live) {
      const { rows } = await deps.pool.query<{ n: number }>(
        "select count(*)::int as n from run where state in ('queued', 'running')",
      );
      live = rows[0]?.n !== 0;
      if (live) await sleep(SAMPLE_MS);
    }
  })();
  try {
    await Promise.all([...clients, ended]);
  } finally {
    live = false;
  }
}

async function urlOfHome(home: string): Promise<string> {
  const settings = await readSettings(home);
  if (settings === null) throw new Error(`${home} has no embedded PostgreSQL`);
  return urlOf(settings, settings.port, DATABASE);
}

/** The data may lie outside `home`, where an account other than root has to enter. */
async function removeHome(home: string): Promise<void> {
  const settings = await readSettings(home);
  if (settings !== null) await rm(settings.dataDir, { recursive: true, force: true });
  await rm(home, { recursive: true, force: true });
}
