/** `npm start` in the copy of the project, as a person runs it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "#server/db/embedded/port.ts";
import type { Bench } from "./bench.ts";

const STOP_LIMIT_MS = 40_000;

export interface Started {
  /** Milliseconds from the command to the line that says it is ready. */
  readyMs: number;
  address: string;
  /** Ids of the web process and of the runners. */
  children: number[];
  stop(): Promise<void>;
}

/**
 * Runs `npm start` and waits until it says that it is ready.
 * @param home its IDEM_HOME
 * @throws Error with its output when it ends before it is ready
 */
export async function npmStart(bench: Bench, home: string): Promise<Started> {
  const tree = await bench.tree();
  const port = await freePort();
  const { PATH, HOME, LANG, NODE_ENV } = process.env;
  const began = performance.now();
  const child = spawn("npm", ["start"], {
    cwd: tree.path,
    detached: true,
    env: {
      ...{ PATH, HOME, LANG, NODE_ENV },
      PORT: String(port),
      IDEM_HOME: home,
      IDEM_SLOTS: "16",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = bench.cleanup.add(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGTERM");
    const limit = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
    await gone;
    clearTimeout(limit);
  });
  let output = "";
  const address = await new Promise<string>((resolve, reject) => {
    const read = (data: Buffer): void => {
      output += data.toString();
      const found = /Idem is ready: (\S+)/.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("error", reject);
    child.once("exit", (code) =>
      reject(new Error(`npm start ended with ${code}:\n${output.slice(-3_000)}`)),
    );
  });
  const readyMs = performance.now() - began;
  return { readyMs, address, children: await readChildren(home), stop };
}

/** The supervisor notes its children there. */
async function readChildren(home: string): Promise<number[]> {
  const noted: unknown = JSON.parse(await readFile(join(home, "children.json"), "utf8"));
  if (!Array.isArray(noted)) throw new Error("children.json is no list");
  return noted.map((entry: unknown) => {
    if (typeof entry !== "object" || entry === null || !("pid" in entry)) {
      throw new Error("children.json names no process");
    }
    return Number(entry.pid);
  });
}
