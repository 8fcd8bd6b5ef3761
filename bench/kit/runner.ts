/** A real runner: the built program in a process of its own. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Pool } from "pg";
import { RUNNER_NODE_ARGS } from "#server/engine/settings.ts";
import type { Bench } from "./bench.ts";

const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 30_000;
const POLL_MS = 10;

export interface Runner {
  pid: number;
  /** Rejects when the runner ends before it is stopped. */
  failed: Promise<never>;
  stop(): Promise<void>;
}

/**
 * Starts a runner on the database of `pool` and waits until it is registered.
 * @throws Error with the last words of the runner when it does not come up
 */
export async function startRunner(
  bench: Bench,
  target: { url: string; pool: Pool; slots: number; home?: string },
): Promise<Runner> {
  const home = target.home ?? join(bench.work, "runner");
  const log = join(bench.work, "runner.log");
  mkdirSync(home, { recursive: true });
  const fd = openSync(log, "w");
  const { PATH, HOME, LANG } = process.env;
  let child: ChildProcess;
  try {
    child = fork(join(await bench.programs(), "runner.js"), {
      execArgv: [
        ...RUNNER_NODE_ARGS,
        ...(bench.profile === null ? [] : ["--cpu-prof", `--cpu-prof-dir=${bench.profile}`]),
      ],
      detached: true,
      env: {
        ...{ PATH, HOME, LANG },
        NODE_ENV: "production",
        DATABASE_URL: target.url,
        IDEM_HOME: home,
        IDEM_SLOTS: String(target.slots),
      },
      stdio: ["ignore", fd, fd, "ipc"],
    });
  } finally {
    closeSync(fd);
  }
  let stopping = false;
  const failed = once(child, "exit").then(async ([code, signal]) => {
    if (stopping) return new Promise<never>(() => {});
    const words = (await readFile(log, "utf8")).trim().slice(-2_000);
    throw new Error(`The runner ended (${signal ?? `exit code ${code}`}):\n${words}`);
  });
  // Told to whoever waits for it; nobody may be waiting yet.
  failed.catch(() => {});

  const forget = bench.cleanup.add(async () => {
    stopping = true;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGTERM");
    const limit = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
    await gone;
    clearTimeout(limit);
  });
  const { pid } = child;
  if (pid === undefined) throw new Error("The runner could not be started");
  await Promise.race([failed, registered(target.pool, pid)]);
  return { pid, failed, stop: forget };
}

async function registered(pool: Pool, pid: number): Promise<void> {
  const deadline = performance.now() + START_LIMIT_MS;
  while (performance.now() < deadline) {
    const { rowCount } = await pool.query(
      "select from runner where pid = $1 and state = 'active'",
      [pid],
    );
    if (rowCount === 1) return;
    await sleep(POLL_MS);
  }
  throw new Error(`The runner did not register within ${START_LIMIT_MS} ms`);
}
