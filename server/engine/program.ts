/** Runs one program of an attempt in a process group of its own, and leaves nothing of it behind. */
import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { TaskFailure } from "../plugins/sdk.ts";
import type { AttemptLog } from "./attempt-log.ts";
import { clockIsUptime, leaseClockMs } from "./clock.ts";
import { faultPoint } from "./faults.ts";
import type { OpenPipes, PipePool } from "./pipes.ts";
import { signalGroup, sweep } from "./processes.ts";
import type { Watchdog } from "./watchdog-link.ts";

/**
 * The program starts behind a gate: a shell that waits for one line. The group is known to the
 * watchdog before that line is written, so a runner that dies in between leaves nothing that runs
 * unwatched. The line names the time, in hundredths of a second of uptime, until when the lease
 * allows a start: a runner that was frozen on its way to the line starts nothing either.
 */
const GATE = clockIsUptime
  ? // biome-ignore lint/suspicious/noTemplateCurlyInString: a parameter of the shell
    'IFS= read -r until || exit 125; read -r up _ </proc/uptime; [ "${up%.*}${up#*.}" -lt "$until" ] || exit 125; exec "$@" </dev/null'
  : 'IFS= read -r until || exit 125; exec "$@" </dev/null';
const GATE_CLOSED = 125;

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
  watchdog: Pick<Watchdog, "watch" | "unwatch">;
  /** Until when the lease allows the start (clock of leases), asked for at the last moment. */
  startUntil: () => number;
}

export interface ProgramEnd {
  /** Null when a signal ended it. */
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  /** The lease had run out before the program could start. */
  refused: boolean;
}

/** A program on its way. */
export interface RunningProgram {
  /** Resolves when nothing of the program runs any more and all of its output is in the log. */
  ended: Promise<ProgramEnd>;
  signal(signal: "SIGTERM" | "SIGKILL"): void;
}

/** @throws TaskFailure of kind `start` when there cannot be a process */
export async function startProgram(run: ProgramRun): Promise<RunningProgram> {
  let pipes: OpenPipes | null = null;
  let child: ChildProcess;
  try {
    pipes = await run.pipes.open();
    child = spawn("/bin/sh", ["-c", GATE, "sh", run.command, ...run.args], {
      cwd: run.cwd,
      // The types of Next.js claim that every environment has NODE_ENV.
      env: run.env as NodeJS.ProcessEnv,
      detached: true,
      stdio: ["pipe", ...pipes.descriptors],
    });
  } catch (error) {
    if (pipes !== null) discard(pipes);
    throw startFailure(error);
  }
  const failed = new Promise<never>((_, reject) => {
    child.once("error", (error) => reject(startFailure(error)));
  });
  const group = child.pid;
  if (group === undefined) {
    discard(pipes);
    return { ended: failed, signal: () => {} };
  }
  run.watchdog.watch(group);
  pipes.closeDescriptors();
  faultPoint("after-spawn");
  // A gate that has been killed reads no more.
  child.stdin?.on("error", () => {});
  const until = run.startUntil();
  child.stdin?.end(`${Math.floor(until / 10)}\n`);
  const ended = Promise.race([follow(child, group, pipes, run, until), failed]).finally(() =>
    run.watchdog.unwatch(group),
  );
  return { ended, signal: (signal) => signalGroup(group, signal) };
}

function startFailure(error: unknown): TaskFailure {
  const why = error instanceof Error ? error.message : String(error);
  return new TaskFailure({ kind: "start", message: `The program could not be started: ${why}` });
}

/** Closes pipes that no program has used. */
function discard(pipes: OpenPipes): void {
  pipes.closeDescriptors();
  pipes.stdout.destroy();
  pipes.stderr.destroy();
  pipes.release(true);
}

async function follow(
  child: ChildProcess,
  group: number,
  pipes: OpenPipes,
  run: ProgramRun,
  until: number,
): Promise<ProgramEnd> {
  const exited = new Promise<Omit<ProgramEnd, "refused">>((resolve) => {
    child.once("exit", (exitCode, signal) => resolve({ exitCode, signal }));
  });
  const { stdout, stderr } = pipes;
  const closed = Promise.all([
    pipeToLog(stdout, "stdout", run.log),
    pipeToLog(stderr, "stderr", run.log),
  ]).then(() => true);

  const end = await exited;
  const refused = end.exitCode === GATE_CLOSED && leaseClockMs() >= until;
  await sweep(group, run.attemptToken);
  pipes.release(await allRead([stdout, stderr], closed));
  return { ...end, refused };
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
