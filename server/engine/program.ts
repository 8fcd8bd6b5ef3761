/** Runs one program of an attempt in a process group of its own, and leaves nothing of it behind. */
import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { TaskFailure } from "../plugins/sdk.ts";
import type { AttemptLog } from "./attempt-log.ts";
import { clockIsUptime, leaseClockMs } from "./clock.ts";
import { faultPoint } from "./faults.ts";
import {
  ATTEMPT_TOKEN_VARIABLE,
  findProcesses,
  isLinux,
  lastProcessId,
  signalGroup,
  signalProcess,
} from "./processes.ts";
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
const SWEEP_PAUSE_MS = 5;
const MAX_SWEEPS = 200;

export interface ProgramRun {
  /** Absolute path, or looked up in the PATH of `env`. */
  command: string;
  args: readonly string[];
  cwd: string;
  env: Readonly<Record<string, string>>;
  /** Value of ATTEMPT_TOKEN_VARIABLE in `env`. */
  attemptToken: string;
  log: AttemptLog;
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
export function startProgram(run: ProgramRun): RunningProgram {
  let child: ChildProcess;
  try {
    child = spawn("/bin/sh", ["-c", GATE, "sh", run.command, ...run.args], {
      cwd: run.cwd,
      // The types of Next.js claim that every environment has NODE_ENV.
      env: run.env as NodeJS.ProcessEnv,
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
    });
  } catch (error) {
    throw startFailure(error);
  }
  const failed = new Promise<never>((_, reject) => {
    child.once("error", (error) => reject(startFailure(error)));
  });
  const group = child.pid;
  if (group === undefined) return { ended: failed, signal: () => {} };

  run.watchdog.watch(group);
  faultPoint("after-spawn");
  // A gate that has been killed reads no more.
  child.stdin?.on("error", () => {});
  const until = run.startUntil();
  child.stdin?.end(`${Math.floor(until / 10)}\n`);
  const ended = Promise.race([follow(child, group, run, until), failed]).finally(() =>
    run.watchdog.unwatch(group),
  );
  return { ended, signal: (signal) => signalGroup(group, signal) };
}

function startFailure(error: unknown): TaskFailure {
  const why = error instanceof Error ? error.message : String(error);
  return new TaskFailure({ kind: "start", message: `The program could not be started: ${why}` });
}

async function follow(
  child: ChildProcess,
  group: number,
  run: ProgramRun,
  until: number,
): Promise<ProgramEnd> {
  const exited = new Promise<Omit<ProgramEnd, "refused">>((resolve) => {
    child.once("exit", (exitCode, signal) => resolve({ exitCode, signal }));
  });
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  pipeToLog(child.stdout, "stdout", run.log);
  pipeToLog(child.stderr, "stderr", run.log);

  const end = await exited;
  await sweep(group, run.attemptToken);
  const refused = end.exitCode === GATE_CLOSED && leaseClockMs() >= until;
  await cutPipes(child, closed);
  return { ...end, refused };
}

function pipeToLog(stream: Readable | null, name: "stdout" | "stderr", log: AttemptLog): void {
  stream?.on("data", (bytes: Buffer) => {
    if (log.write(name, bytes)) return;
    stream.pause();
    void log.drained().then(() => stream.resume());
  });
  // A pipe that breaks has nothing more to say; the exit tells how the program ended.
  stream?.on("error", () => {});
}

/**
 * Kills what the program left in its group, and what left the group before: a background process
 * must not work on beside the next attempt. Processes are numbered upwards, so only those after the
 * group's first need to be looked at, unless the numbers have begun anew.
 */
async function sweep(group: number, attemptToken: string): Promise<void> {
  signalGroup(group, "SIGKILL");
  const last = lastProcessId();
  const above = last === null || last < group ? 0 : group;
  const search = {
    marker: `${ATTEMPT_TOKEN_VARIABLE}=${attemptToken}`,
    sessions: new Set([group]),
    above,
  };
  for (let i = 0; i < MAX_SWEEPS; i++) {
    const left = findProcesses(search);
    for (const pid of left) signalProcess(pid, "SIGKILL");
    // Signal 0 finds zombies too, and where process 1 reaps nothing they stay for ever.
    if (left.length === 0 && (isLinux || !signalGroup(group, 0))) return;
    await sleep(SWEEP_PAUSE_MS);
  }
}

/** A process that was not found may keep the pipes open for ever; what it says is not waited for. */
async function cutPipes(child: ChildProcess, closed: Promise<void>): Promise<void> {
  let bytes = 0;
  const count = (data: Buffer) => {
    bytes += data.length;
  };
  child.stdout?.on("data", count);
  child.stderr?.on("data", count);
  for (let limits = 0; limits < MAX_PIPE_LIMITS; ) {
    const before = bytes;
    const stop = new AbortController();
    const late = sleep(PIPE_LIMIT_MS, true, { signal: stop.signal }).catch(() => false);
    const isLate = await Promise.race([closed.then(() => false), late]);
    stop.abort();
    if (!isLate) return;
    // A log that is written slowly is no reason to lose the end of it.
    if (child.stdout?.isPaused() || child.stderr?.isPaused()) continue;
    if (bytes === before) break;
    limits += 1;
  }
  child.stdout?.destroy();
  child.stderr?.destroy();
}
