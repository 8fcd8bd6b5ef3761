/**
 * A worker process: calls functions of flows written in TypeScript, one at a time. It is kept warm
 * for the flow whose bundle it has loaded. What the functions print goes to the log of the attempt.
 */
import childProcess from "node:child_process";
import { syncBuiltinESMExports } from "node:module";
import { asOutput, loadBundle, type TaskFunction, taskContext } from "#sdk/protocol.ts";
import { leaseClockMs } from "../dispatch/clock.ts";
import type { FromWorker, ToWorker } from "./worker-protocol.ts";

type Run = Extract<ToWorker, { type: "run" }>;

const home = process.cwd();
const variables = process.env;
/** What they were last set to. */
let known: Readonly<Record<string, string | undefined>> = { ...process.env };
let handlers: Promise<Map<string, TaskFunction>> | null = null;
let abort = new AbortController();
/** Whether the running function has started processes, which may outlive it. */
let spawned = false;

function tell(message: FromWorker): void {
  process.send?.(message);
}

process.on("message", (message: ToWorker) => {
  if (message.type === "abort") abort.abort();
  else void run(message);
});
// The runner is gone: so is the attempt.
process.on("disconnect", () => process.exit(1));
// It may have died before this process could listen.
if (!process.connected) process.exit(1);
// Meant for the runner, which ends its workers by itself.
process.on("SIGINT", () => {});

async function run({ bundle, handler, input, environment, until }: Run): Promise<void> {
  if (leaseClockMs() >= until) {
    tell({ type: "refused" });
    return;
  }
  abort = new AbortController();
  spawned = false;
  setVariables(environment);
  process.chdir(input.workdir);
  let answer: FromWorker;
  try {
    handlers ??= loadBundle(bundle);
    const found = (await handlers).get(handler);
    if (found === undefined) {
      answer = failure(`The flow's code has no function for "${handler}".`, "start");
    } else {
      const context = taskContext(input, { signal: abort.signal, log: console.log });
      const output = asOutput(await found(context));
      answer = { type: "done", output, spawned };
    }
  } catch (error) {
    console.error(error);
    answer = failure(messageOf(error), "exception");
  }
  // The answer must not overtake what was printed before it.
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  tell(answer);
  // The attempt's folder is removed now. Whoever still stands in it when it goes pays for that with
  // the next step out of it, which would be the next attempt.
  process.chdir(home);
  restoreVariables();
}

/**
 * Sets the variables of the process itself, and not only what JavaScript sees of them: `os.tmpdir()` and
 * libraries that are not written in JavaScript ask the system. Those that `known` has are set already.
 */
function setVariables(next: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(known)) if (!Object.hasOwn(next, name)) delete variables[name];
  for (const [name, value] of Object.entries(next)) {
    if (known[name] !== value) variables[name] = value;
  }
  known = next;
}

/** Takes back what a function did to the variables. */
function restoreVariables(): void {
  process.env = variables;
  for (const name of Object.keys(variables)) {
    if (!Object.hasOwn(known, name)) delete variables[name];
  }
  for (const [name, value] of Object.entries(known)) {
    if (variables[name] !== value) variables[name] = value;
  }
}

function failure(message: string, kind: "exception" | "start"): FromWorker {
  return { type: "failed", message, kind, spawned };
}

function messageOf(error: unknown): string {
  if (error instanceof Error) return `${error.name}: ${error.message}`.split("\n", 1)[0] ?? "";
  return `Thrown: ${String(error)}`.split("\n", 1)[0] ?? "";
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.writableLength === 0) return Promise.resolve();
  return new Promise((resolve) => {
    stream.write("", () => resolve());
  });
}

/** Notes that a process was started, so that the runner looks for what is left of it. */
function noteSpawns(): void {
  const note = <A extends unknown[], R>(original: (...args: A) => R) =>
    function noted(this: unknown, ...args: A): R {
      spawned = true;
      return original.apply(this, args);
    };
  const { prototype } = childProcess.ChildProcess as unknown as {
    prototype: { spawn: (...args: unknown[]) => unknown };
  };
  prototype.spawn = note(prototype.spawn);
  childProcess.spawnSync = note(childProcess.spawnSync) as typeof childProcess.spawnSync;
  childProcess.execSync = note(childProcess.execSync) as typeof childProcess.execSync;
  childProcess.execFileSync = note(childProcess.execFileSync) as typeof childProcess.execFileSync;
  syncBuiltinESMExports();
}

noteSpawns();
