/** Starts the built product as a real process, on a home and a port of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chown, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "#server/db/embedded/port.ts";
import { isAlive } from "#server/db/embedded/postmaster.ts";

const READY_LIMIT_MS = 60_000;
const POLL_MS = 10;

export interface Account {
  uid: number;
  gid: number;
}

export interface ProductOptions {
  /** Reuse the home of an earlier start. */
  home?: string;
  port?: number;
  /** Variables beside PORT, IDEM_HOME and IDEM_FLOWS. */
  env?: Record<string, string>;
  /** Run as this account; only root can. */
  account?: Account;
  /** Program and arguments; default: the built supervisor. */
  command?: readonly string[];
}

export interface Product {
  url: string;
  home: string;
  port: number;
  /** The process that was started. */
  process: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Resolves when it says that it is ready. */
  ready(): Promise<void>;
  /** Resolves with the exit code, null after a signal. */
  exited: Promise<number | null>;
  /** Sends SIGTERM and waits for the end. */
  stop(): Promise<number | null>;
}

/** A folder for a home, removed by `removeHome`. */
export async function makeHome(account?: Account): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), "idem-product-"));
  if (account) await chown(home, account.uid, account.gid);
  return home;
}

export async function removeHome(home: string): Promise<void> {
  await rm(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

/** Starts the product; call `ready()` or `exited` next, and always `stop()`. */
export async function startProduct(options: ProductOptions = {}): Promise<Product> {
  if (!existsSync("dist/start.js")) throw new Error("Build the product first: npm run build");
  const home = options.home ?? (await makeHome(options.account));
  const port = options.port ?? (await freePort());
  const flows = join(home, "flows");
  if (options.env?.IDEM_FLOWS === undefined && existsSync(home)) {
    await mkdir(flows, { recursive: true }).catch(() => {});
  }
  const { DATABASE_URL, VITEST, NODE_ENV, ...inherited } = process.env;
  const [program, ...args] = options.command ?? [process.execPath, resolve("dist/start.js")];
  const child = spawn(program ?? process.execPath, args, {
    ...options.account,
    env: {
      ...inherited,
      NODE_ENV: "production",
      PORT: String(port),
      IDEM_HOME: home,
      IDEM_FLOWS: flows,
      ...options.env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    err += text;
  });
  const exited = new Promise<number | null>((done, failed) => {
    child.once("error", failed);
    child.once("exit", done);
  });
  return {
    url: `http://127.0.0.1:${port}`,
    home,
    port,
    process: child,
    stdout: () => out,
    stderr: () => err,
    exited,
    async ready() {
      const deadline = Date.now() + READY_LIMIT_MS;
      while (!out.includes("Idem is ready")) {
        if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
          throw new Error(`The product is not ready.\n${out}${err}`);
        }
        await sleep(POLL_MS);
      }
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
      return exited;
    },
  };
}

export interface ProductProcesses {
  web: number;
  runners: number[];
  /** Undefined with an external database. */
  postgres: number | undefined;
}

/** Process ids of what a supervisor has started, read from the system. Linux only. */
export async function processesOf(supervisor: number, home: string): Promise<ProductProcesses> {
  const list = await readFile(`/proc/${supervisor}/task/${supervisor}/children`, "utf8");
  const children = await Promise.all(
    list
      .split(" ")
      .filter((pid) => pid !== "")
      .map(async (pid) => ({
        pid: Number(pid),
        command: await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => ""),
      })),
  );
  const find = (name: string) =>
    children.filter(({ command }) => command.includes(name)).map(({ pid }) => pid);
  const pidFile = await readFile(join(home, "postgres", "postmaster.pid"), "utf8").catch(() => "");
  const web = find("/web.js")[0];
  if (web === undefined) throw new Error("There is no web process");
  return {
    web,
    runners: find("/runner.js"),
    postgres: pidFile === "" ? undefined : Number(pidFile.split("\n", 1)[0]),
  };
}

/** Ids of everything that `pid` has started, directly and indirectly. Linux only. */
export async function descendantsOf(pid: number): Promise<number[]> {
  const list = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  const children = list.split(" ").filter(Boolean).map(Number);
  return [...children, ...(await Promise.all(children.map(descendantsOf))).flat()];
}

/** Resolves when `pid` is gone. @returns how long that took, in milliseconds */
export async function gone(pid: number, limitMs: number): Promise<number> {
  const began = performance.now();
  while (isAlive(pid)) {
    if (performance.now() - began > limitMs) throw new Error(`Process ${pid} still lives`);
    await sleep(POLL_MS);
  }
  return performance.now() - began;
}
