/** Runs one program of an attempt in a process group of its own, and leaves nothing of it behind. */
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { TaskFailure } from "../../plugins/sdk.ts";
import { faultPoint } from "../faults.ts";
import type { AttemptLog } from "../logs/attempt-log.ts";
import { signalGroup, sweep, sweepMarked } from "../watchdog/processes.ts";
import type { LaunchEnd, LaunchResult, Watchdog } from "../watchdog/watchdog-link.ts";
import type { OpenPipes, PipePool } from "./pipes.ts";

/** After the program has ended: how long its pipes may stay open and silent before they are cut. */
const PIPE_LIMIT_MS = 1_000;
const MAX_PIPE_LIMITS = 5;

export interface ProgramRun {
  /** Absolute path, or looked up in the PATH of `env`. */
  command: string;
  args: readonly string[];
  cwd: string;
  env: Readonly<Record<string, string>>;
  /** Value of ATTEMPT_TOKEN_VARIABLE in `env`. */
  attemptToken: string;
  log: AttemptLog;
  pipes: PipePool;
  watchdog: Pick<Watchdog, "launch" | "unwatch">;
  /** Until when the lease allows the start (clock of leases). */
  startUntil: number;
}

/** A program on its way. */
export interface RunningProgram {
  /** Resolves when nothing of the program runs any more and all of its output is in the log. */
  ended: Promise<LaunchEnd>;
  signal(signal: "SIGTERM" | "SIGKILL"): void;
}

/** @throws TaskFailure of kind `start` when there cannot be a process, `lost` without a lease */
export async function startProgram(run: ProgramRun): Promise<RunningProgram> {
  const { command, args, cwd, env, startUntil: until } = run;
  let pipes: OpenPipes;
  try {
    pipes = await run.pipes.open();
  } catch (error) {
    throw startFailure(error instanceof Error ? error.message : String(error));
  }
  const { stdout, stderr } = pipes.paths;
  const result = await run.watchdog.launch({ command, args, cwd, env, stdout, stderr, until });
  // Only now: a pipe that nobody has open for writing has ended before it began.
  if (result.kind !== "started") {
    if (result.kind === "unknown") await sweepMarked(run.attemptToken);
    pipes.discard(result.kind !== "unknown");
    throw notStarted(result);
  }
  faultPoint("after-spawn");
  const { pid } = result;
  const ended = follow(pid, result.ended, pipes, run).finally(() => run.watchdog.unwatch(pid));
  return { ended, signal: (signal) => signalGroup(pid, signal) };
}

function startFailure(why: string): TaskFailure {
  return new TaskFailure({ kind: "start", message: `The program could not be started: ${why}` });
}

function notStarted(result: Exclude<LaunchResult, { kind: "started" }>): TaskFailure {
  if (result.kind === "failed") return startFailure(result.message);
  return new TaskFailure({ kind: "lost", message: "The runner's lease ran out." });
}

async function follow(
  group: number,
  ending: Promise<LaunchEnd>,
  pipes: OpenPipes,
  run: ProgramRun,
): Promise<LaunchEnd> {
  const { stdout, stderr } = pipes.read();
  const closed = Promise.all([
    pipeToLog(stdout, "stdout", run.log),
    pipeToLog(stderr, "stderr", run.log),
  ]).then(() => true);
  const end = await ending;
  await sweep(group, run.attemptToken);
  pipes.release(await allRead([stdout, stderr], closed));
  return end;
}

/** Resolves when the stream has ended and all of it is in the log. */
function pipeToLog(stream: Readable, name: "stdout" | "stderr", log: AttemptLog): Promise<void> {
  stream.on("data", (bytes: Buffer) => {
    if (log.write(name, bytes)) return;
    stream.pause();
    void log.drained().then(() => stream.resume());
  });
  // A pipe that breaks has nothing more to say; the exit tells how the program ended.
  stream.on("error", () => {});
  return new Promise((resolve) => stream.once("close", () => resolve()));
}

/**
 * Waits for the end of the output. A process that was not found may keep the pipes open for ever:
 * what it says is not waited for.
 * @returns whether the pipes have ended by themselves
 */
async function allRead(streams: readonly Readable[], closed: Promise<boolean>): Promise<boolean> {
  let bytes = 0;
  for (const stream of streams) {
    stream.on("data", (data: Buffer) => {
      bytes += data.length;
    });
  }
  for (let limits = 0; limits < MAX_PIPE_LIMITS; ) {
    const before = bytes;
    const stop = new AbortController();
    const late = sleep(PIPE_LIMIT_MS, false, { signal: stop.signal }).catch(() => true);
    const ended = await Promise.race([closed, late]);
    stop.abort();
    if (ended) return true;
    // A log that is written slowly is no reason to lose the end of it.
    if (streams.some((stream) => stream.isPaused())) continue;
    if (bytes === before) break;
    limits += 1;
  }
  for (const stream of streams) stream.destroy();
  await closed;
  return false;
}
