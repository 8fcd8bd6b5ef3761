/** The built web process on a database of the benchmark. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "#server/db/embedded/port.ts";
import type { Bench } from "./bench.ts";

const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 10_000;
const POLL_MS = 20;

export interface Web {
  /** @returns the body; @throws Error unless the status is 200 */
  get(path: string): Promise<string>;
  stop(): Promise<void>;
}

/** Builds what is stale, starts the web process and waits until it answers. */
export async function startWeb(bench: Bench, url: string): Promise<Web> {
  const tree = await bench.tree();
  bench.say("Building the pages, if need be");
  await tree.build();
  const port = await freePort();
  const home = join(bench.work, "web");
  const log = join(bench.work, "web.log");
  mkdirSync(home, { recursive: true });
  const fd = openSync(log, "w");
  const { PATH, HOME, LANG } = process.env;
  let child: ChildProcess;
  try {
    child = fork(join(tree.path, "dist/web.js"), {
      cwd: tree.path,
      execArgv: [],
      detached: true,
      env: {
        ...{ PATH, HOME, LANG },
        NODE_ENV: "production",
        DATABASE_URL: url,
        IDEM_HOME: home,
        IDEM_FLOWS: join(home, "flows"),
        PORT: String(port),
      },
      stdio: ["ignore", fd, fd, "ipc"],
    });
  } finally {
    closeSync(fd);
  }
  const stop = bench.cleanup.add(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGTERM");
    const limit = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
    await gone;
    clearTimeout(limit);
  });
  const address = `http://127.0.0.1:${port}`;
  await answers(child, address, log);
  return {
    async get(path) {
      const response = await fetch(`${address}${path}`);
      const body = await response.text();
      if (response.status !== 200) {
        throw new Error(`GET ${path} answers ${response.status}: ${body.slice(0, 300)}`);
      }
      return body;
    },
    stop,
  };
}

async function answers(child: ChildProcess, address: string, log: string): Promise<void> {
  const deadline = performance.now() + START_LIMIT_MS;
  while (child.exitCode === null && child.signalCode === null && performance.now() < deadline) {
    // Not healthy without a runner; answering is enough.
    const answered = await fetch(`${address}/api/health`).then(
      () => true,
      () => false,
    );
    if (answered) return;
    await sleep(POLL_MS);
  }
  const words = (await readFile(log, "utf8")).trim().slice(-2_000);
  throw new Error(`The web process does not answer:\n${words}`);
}
