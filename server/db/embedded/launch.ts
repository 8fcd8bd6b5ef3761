/** Starts the server process and waits until it accepts connections. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "#server/core/errors.ts";
import type { Account } from "./account.ts";
import type { Binaries } from "./binaries.ts";
import { memoryThere, sharedBuffersMb } from "./memory.ts";
import { freePort } from "./port.ts";
import { type Postmaster, readPostmaster } from "./postmaster.ts";

const POLL_MS = 10;
/** Crash recovery may replay up to max_wal_size of log before the server is ready. */
const START_LIMIT_MS = 120_000;
const LOG_LIMIT_BYTES = 10 * 1024 * 1024;
/** How long to wait for the children of a killed server to let go of its shared memory. */
const LEFTOVER_LIMIT_MS = 10_000;

/**
 * `disk` survives a power cut. `process` survives killed processes only and is faster: for tests,
 * where the machine itself does not fail.
 */
export type Durability = "disk" | "process";

/** Nothing of Idem's own environment reaches the server, above all no PG* variables. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const { PATH, LD_LIBRARY_PATH, SystemRoot } = process.env;
  const kept = Object.entries({ PATH, LD_LIBRARY_PATH, SystemRoot });
  return {
    ...Object.fromEntries(kept.filter(([, value]) => value !== undefined)),
    LC_ALL: "C",
    TZ: "UTC",
    NODE_ENV: process.env.NODE_ENV,
  };
}

function serverArguments(dataDir: string, port: number, durability: Durability): string[] {
  const settings: Record<string, string> = {
    port: String(port),
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: "200",
    shared_buffers: `${sharedBuffersMb(memoryThere())}MB`,
    // Rows far apart cost little more than neighbours: no disk turns under them (decision 0160).
    random_page_cost: "1.1",
    synchronous_commit: "on",
    wal_level: "minimal",
    max_wal_senders: "0",
    jit: "off",
    timezone: "UTC",
    log_timezone: "UTC",
    log_checkpoints: "off",
    ...(durability === "process" ? { fsync: "off", full_page_writes: "off" } : {}),
  };
  return ["-D", dataDir, ...Object.entries(settings).flatMap(([k, v]) => ["-c", `${k}=${v}`])];
}

export interface LaunchPlan {
  binaries: Binaries;
  account: Account | null;
  dataDir: string;
  port: number;
  durability: Durability;
  log: (message: string) => void;
}

interface Launched {
  postmaster: Postmaster;
  port: number;
}

/**
 * Starts the server; when its port is taken it moves to a free one.
 * @throws AppError UNAVAILABLE with the server's own words when it gives up
 */
export async function launch(plan: LaunchPlan): Promise<Launched> {
  const { dataDir, log } = plan;
  let { port } = plan;
  const leftoverDeadline = performance.now() + LEFTOVER_LIMIT_MS;
  for (let portsTried = 0; ; ) {
    if ((await readPostmaster(dataDir)) === "stale") {
      // The server refuses to start while a foreign process has the old id.
      await rm(join(dataDir, "postmaster.pid"), { force: true });
    }
    const outcome = await launchOnce({ ...plan, port });
    if (typeof outcome !== "string") return { postmaster: outcome, port };

    if (/could not bind|Address already in use/i.test(outcome) && portsTried < 5) {
      portsTried += 1;
      const other = await freePort();
      log(`Port ${port} is taken, the embedded PostgreSQL moves to ${other}`);
      port = other;
    } else if (
      /still in use|Is another postmaster/i.test(outcome) &&
      performance.now() < leftoverDeadline
    ) {
      await sleep(100);
    } else {
      const words = /(?:FATAL|PANIC):\s*(.*)/.exec(outcome)?.[1] ?? outcome.slice(-300);
      const cause = words.trim().replace(/\s+/g, " ").replace(/\.$/, "");
      throw new AppError("UNAVAILABLE", `The embedded PostgreSQL did not start: ${cause}.`, {
        fix: `Look into ${join(dataDir, "server.log")}.`,
      });
    }
  }
}

/** @returns the running server, or what it wrote to its log before it gave up */
async function launchOnce(plan: LaunchPlan): Promise<Postmaster | string> {
  const { dataDir } = plan;
  const logFile = join(dataDir, "server.log");
  const before = await rotate(logFile);
  const fd = openSync(logFile, "a", 0o600);
  let child: ChildProcess;
  try {
    child = spawn(plan.binaries.postgres, serverArguments(dataDir, plan.port, plan.durability), {
      ...plan.account,
      cwd: "/",
      env: serverEnvironment(),
      detached: true,
      stdio: ["ignore", fd, fd],
    });
  } finally {
    closeSync(fd);
  }
  const failure = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", async () => {
      const text = await readFile(logFile, "utf8").catch(() => "");
      resolve(text.slice(before) || "it exited without a word");
    });
  });
  child.unref();

  const deadline = performance.now() + START_LIMIT_MS;
  for (;;) {
    const found = await readPostmaster(dataDir);
    if (
      found !== null &&
      found !== "stale" &&
      found.pid === child.pid &&
      found.status === "ready"
    ) {
      return found;
    }
    const ended = await Promise.race([failure, sleep(POLL_MS, null)]);
    if (ended !== null) return ended;
    if (performance.now() > deadline) {
      child.kill("SIGINT");
      return "it was not ready within two minutes";
    }
  }
}

/** Keeps one old server log. @returns the size of the current one, in bytes */
async function rotate(logFile: string): Promise<number> {
  const size = await stat(logFile).then(
    (found) => found.size,
    () => 0,
  );
  if (size < LOG_LIMIT_BYTES) return size;
  await rename(logFile, `${logFile}.1`);
  return 0;
}
