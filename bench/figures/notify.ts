/** What receivers that never answer, or are not there, take from the hand-off between two tasks. */
import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { operator } from "#server/auth/actor.ts";
import { freePort } from "#server/db/embedded/port.ts";
import { hasDeliverer, insertChannel } from "#server/db/notify/channels.ts";
import { openSecretBox, placeOfChannel } from "#server/engine/notify/secret-box.ts";
import { createRun } from "#server/usecases/runs/create.ts";
import type { Bench, Measurement } from "../kit/bench.ts";
import { chain, makeFlow } from "../kit/flows.ts";
import { type Runner, startRunner } from "../kit/runner.ts";
import { handOffs, openStage, type Stage, store, trigger } from "../kit/runs.ts";
import { drift, summarise } from "../kit/stats.ts";
import type { Measured } from "../report/figure.ts";

const TASKS = 200;
const SLOTS = 16;
/** Runs that fail while a chain is under way: an incident each, told to every channel. */
const FAILURES = 20;
const LIMIT_MS = 60_000;
/** The two halves are measured in turn; what is left is noise of the machine. */
const AT_MOST = 1.2;

export const notify: Measurement = { name: "notify", measure };

/** A database with a runner and a process that delivers; what differs is whether anybody is told. */
interface Side {
  stage: Stage;
  runner: Runner;
  jobs: ChildProcess;
}

async function measure(bench: Bench): Promise<Measured[]> {
  const silent = await neverAnswers(bench);
  const told = await openSide(bench, "bench_notify", [
    `http://127.0.0.1:${silent}/`,
    `http://127.0.0.1:${await freePort()}/`,
  ]);
  const untold = await openSide(bench, "bench_notify_none", []);
  const repeats = bench.quick ? 2 : 10;
  const blocks: { told: number[][]; untold: number[][] } = { told: [], untold: [] };
  // Once over, unmeasured: caches, prepared statements, compiled code, and a first load of deliveries.
  for (const side of [told, untold]) await measureOne(side);
  for (let repeat = 0; repeat < repeats; repeat++) {
    // What still goes out to the receivers of one side must not show in the figures of the other.
    told.jobs.kill("SIGSTOP");
    blocks.untold.push(await measureOne(untold));
    told.jobs.kill("SIGCONT");
    blocks.told.push(await measureOne(told));
  }
  const tries = await countTries(told.stage);
  for (const { runner, jobs, stage } of [told, untold]) {
    await runner.stop();
    const gone = once(jobs, "exit");
    jobs.kill("SIGKILL");
    await gone;
    await stage.close();
  }
  const all = summarise(blocks.told.flat());
  const without = summarise(blocks.untold.flat());
  const figure = (which: "p50" | "p95") => {
    const values = blocks.told.map((block) => summarise(block)[which]);
    return {
      id: `notify.${which}`,
      name: `hand-off while receivers are silent or dead, ${which}`,
      unit: "ms",
      value: all[which],
      range: [Math.min(...values), Math.max(...values)],
      limit: {
        name: `the same without channels, ${which}`,
        value: without[which],
        drift: drift(blocks.untold),
      },
      how: `${repeats} chains of ${TASKS} noop tasks in turn with as many without channels, ${FAILURES} runs failing beside each, one channel to a receiver that never answers and one to a port that nobody listens on`,
      detail: { tries },
    } satisfies Measured;
  };
  return [{ ...figure("p50"), target: { kind: "ratio", atMost: AT_MOST } }, figure("p95")];
}

/** Takes connections and says nothing. @returns its port */
async function neverAnswers(bench: Bench): Promise<number> {
  const server = createServer((socket) => socket.on("error", () => {}).resume());
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  server.unref();
  bench.cleanup.add(async () => {
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}

async function openSide(bench: Bench, name: string, receivers: string[]): Promise<Side> {
  const stage = await openStage(bench, name);
  const home = join(bench.work, name);
  mkdirSync(home, { recursive: true });
  const box = openSecretBox({ IDEM_HOME: home });
  for (const [index, url] of receivers.entries()) {
    const channel = `receiver-${index}`;
    const secret = box.seal(
      `whsec_${Buffer.alloc(32, 9).toString("base64")}`,
      placeOfChannel(channel),
    );
    await insertChannel(
      stage.pool,
      { name: channel, kind: "webhook", settings: { url }, language: "en", byDefault: true },
      secret,
      "bench",
    );
  }
  await store(stage, makeFlow("chain", { type: "noop", needs: chain(TASKS) }));
  await store(stage, makeFlow("bad", { type: "http", with: { url: "no address" }, needs: [[]] }));
  const jobs = await startJobs(bench, stage, home);
  const runner = await startRunner(bench, { ...stage, slots: SLOTS, home });
  return { stage, runner, jobs };
}

async function startJobs(bench: Bench, stage: Stage, home: string): Promise<ChildProcess> {
  const { PATH, HOME, LANG } = process.env;
  const child = fork(join(await bench.programs(), "jobs.js"), {
    detached: true,
    execArgv: [],
    env: { PATH, HOME, LANG, NODE_ENV: "production", DATABASE_URL: stage.url, IDEM_HOME: home },
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  bench.cleanup.add(async () => {
    child.kill("SIGKILL");
  });
  const deadline = performance.now() + LIMIT_MS;
  while (!(await hasDeliverer(stage.pool))) {
    if (child.exitCode !== null) throw new Error("The process that delivers ended at once");
    if (performance.now() > deadline) throw new Error("The process that delivers did not come up");
    await sleep(20);
  }
  return child;
}

let days = 0;

/** Fails some runs while a chain is under way. @returns the hand-offs of the chain, in milliseconds */
async function measureOne(side: Side): Promise<number[]> {
  const { stage } = side;
  const run = await trigger(stage, "chain");
  for (let failure = 0; failure < FAILURES; failure++) {
    days += 1;
    const day = (n: number) => new Date(Date.UTC(2000, 0, n)).toISOString();
    await createRun(stage.deps, operator, {
      flow: "bad",
      params: {},
      interval: { start: day(days), end: day(days + 1) },
      timezone: "UTC",
      idempotencyKey: randomUUID(),
    });
  }
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    const { rowCount } = await stage.pool.query(
      "select from run where state in ('queued', 'running') limit 1",
    );
    if (rowCount === 0) return handOffs(stage, run);
    if (performance.now() > deadline) throw new Error("runs are still live");
    await Promise.race([side.runner.failed, sleep(50)]);
  }
}

async function countTries(stage: Stage): Promise<number> {
  const { rows } = await stage.pool.query<{ n: number }>(
    "select count(*)::int as n from delivery_try",
  );
  return rows[0]?.n ?? 0;
}
