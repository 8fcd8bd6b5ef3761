/** A runner as a process of its own, to be killed, frozen and started again. */
import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { RUNNER_NODE_ARGS } from "#server/engine/settings.ts";
import { until } from "./runs.ts";

export interface RunnerProcess {
  pid: number;
  /** Id in the database. */
  id: string;
  /** Whether it has not exited. */
  alive(): boolean;
  kill(signal: NodeJS.Signals): void;
  /** Resolves with exit code or signal, whenever that is. */
  exited: Promise<number | NodeJS.Signals>;
  /**
   * Waits for its end. @returns exit code or signal
   * @throws Error with all that it has written when it goes on for longer than 60 s, or `limitMs`
   */
  exit(limitMs?: number): Promise<number | NodeJS.Signals>;
  /** Everything it has written so far. */
  output(): string;
}

export interface RunnerStart {
  /** Path of the bundle. */
  program: string;
  pool: pg.Pool;
  url: string;
  home: string;
  env?: Record<string, string>;
  /** Options of Node.js itself, which its workers have as well. */
  nodeOptions?: readonly string[];
}

/** Heartbeat and lease of tests that need not wait as long as a person would. */
export const quickLease = {
  IDEM_HEARTBEAT_MS: "200",
  IDEM_LEASE_MS: "4000",
  IDEM_KILL_GRACE_MS: "500",
  IDEM_DRAIN_MS: "500",
};

const EXIT_LIMIT_MS = 60_000;

/** Starts a runner and waits until it is registered. */
export async function startRunner(start: RunnerStart): Promise<RunnerProcess> {
  const name = `test-${process.pid}-${process.hrtime.bigint()}`;
  const child: ChildProcess = spawn(
    process.execPath,
    [...RUNNER_NODE_ARGS, ...(start.nodeOptions ?? []), start.program],
    {
      env: {
        PATH: process.env.PATH,
        NODE_ENV: "test",
        DATABASE_URL: start.url,
        IDEM_HOME: start.home,
        IDEM_RUNNER_NAME: name,
        ...start.env,
      } as NodeJS.ProcessEnv,
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let output = "";
  child.stdout?.on("data", (data) => {
    output += data;
  });
  child.stderr?.on("data", (data) => {
    output += data;
  });
  let ended: number | NodeJS.Signals | null = null;
  const exited = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once("exit", (code, signal) => {
      ended = signal ?? code ?? -1;
      resolve(ended);
    });
  });
  const id = await until(`runner ${name} to register`, async () => {
    if (ended !== null) throw new Error(`the runner ended at once (${ended}):\n${output}`);
    const found = await start.pool.query<{ id: string }>("select id from runner where name = $1", [
      name,
    ]);
    return found.rows[0]?.id;
  });
  return {
    pid: child.pid ?? -1,
    id,
    alive: () => ended === null,
    kill: (signal) => child.kill(signal),
    exited,
    exit: async (limitMs = EXIT_LIMIT_MS) => {
      const how = await Promise.race([exited, sleep(limitMs, null, { ref: false })]);
      if (how === null) throw new Error(`runner ${id} does not end:\n${output}`);
      return how;
    },
    output: () => output,
  };
}
