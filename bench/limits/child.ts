/** What a message to a child process and back costs, and what starting a shell costs. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Bench } from "../kit/bench.ts";

/** A number is answered by itself; `spawn` by the times of that many bare shells. */
export type ChildRequest = number | { spawn: number };

export interface ChildLimit {
  /** Milliseconds of `count` messages there and back, one after the other. */
  roundTrips(count: number): Promise<number[]>;
  /** Milliseconds of `count` bare starts of `/bin/sh -c true`, one after the other. */
  spawns(count: number): Promise<number[]>;
  close(): Promise<void>;
}

/** The program is bundled, so that the child carries no loader. */
export async function openChildLimit(bench: Bench): Promise<ChildLimit> {
  const program = join(bench.work, "child-program.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("./child-program.ts", import.meta.url))],
    outfile: program,
    bundle: true,
    format: "esm",
    platform: "node",
  });
  const child = fork(program, { execArgv: [], stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const close = bench.cleanup.add(async () => {
    const gone = once(child, "exit");
    child.disconnect();
    await gone;
  });
  const ask = (request: ChildRequest): Promise<unknown> => answer(child, request);
  for (let i = 0; i < 100; i++) await ask(i);
  return {
    async roundTrips(count) {
      const times: number[] = [];
      for (let i = 0; i < count; i++) {
        const began = performance.now();
        await ask(i);
        times.push(performance.now() - began);
      }
      return times;
    },
    async spawns(count) {
      const times = await ask({ spawn: count });
      if (!isTimes(times)) throw new Error("the child answered no times");
      return times;
    },
    close,
  };
}

/** One question at a time, so the next message is its answer. */
function answer(child: ChildProcess, request: ChildRequest): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const failed = (code: number | null) => reject(new Error(`the child ended with ${code}`));
    child.once("exit", failed);
    child.once("message", (message) => {
      child.off("exit", failed);
      resolve(message);
    });
    child.send(request);
  });
}

const isTimes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((time) => typeof time === "number");
