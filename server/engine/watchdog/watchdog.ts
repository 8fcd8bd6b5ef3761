/**
 * A process beside each runner, in a session of its own, that outlives it: when the runner dies or
 * falls silent it kills everything the runner has started, before anybody else may take the tasks.
 *
 * It also starts the programs of tasks. So there is no moment at which a program runs and nobody
 * watches it, and a runner that was frozen on its way to a start cannot make it late: whoever starts
 * knows the lease. (And it is small: starting a process costs more the larger the starter is.)
 *
 * A closed channel means that the runner is gone.
 *
 * Arguments: the token in the environment of all that the runner starts, the silence in milliseconds
 * after which the runner counts as frozen, and IDEM_HOME for whoever looks at the processes.
 */
import { spawn } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import { leaseClockMs } from "../dispatch/clock.ts";
import {
  endFirst,
  findProcesses,
  signalGroup,
  signalProcess,
  TOKEN_VARIABLE,
} from "./processes.ts";
import type { FromWatchdog, Launch, ToWatchdog } from "./watchdog-protocol.ts";

/** Passes without a find after which nothing of the runner is left. */
const CLEAN_PASSES = 2;
const PASS_PAUSE_MS = 20;
/** A process in uninterruptible sleep cannot be killed; waiting longer does not help. */
const MAX_PASSES = 250;

const [token = "", silence = ""] = process.argv.slice(2);
const silenceMs = Number(silence);
if (token === "" || !(silenceMs > 0)) throw new Error("usage: watchdog <token> <silence in ms>");

const groups = new Set<number>();
let renewedAt = leaseClockMs();
let alone = false;
let killing: Promise<void> | null = null;

/** Kills all groups at once, then whatever else carries the token, until nothing is found any more. */
async function killEverything(): Promise<void> {
  const sessions = new Set(groups);
  for (const group of groups) signalGroup(group, "SIGKILL");
  const marker = `${TOKEN_VARIABLE}=${token}`;
  for (let clean = 0, pass = 0; clean < CLEAN_PASSES && pass < MAX_PASSES; pass++) {
    const found = findProcesses({ marker, sessions, above: 0 });
    for (const pid of found) signalProcess(pid, "SIGKILL");
    clean = found.length === 0 ? clean + 1 : 0;
    await new Promise((resolve) => setTimeout(resolve, PASS_PAUSE_MS));
  }
}

/** One killing at a time. */
function kill(): Promise<void> {
  killing ??= killEverything().finally(() => {
    killing = null;
  });
  return killing;
}

function isSilent(): boolean {
  return leaseClockMs() - renewedAt > silenceMs;
}

function tell(message: FromWatchdog): void {
  // A runner that is gone hears nothing; the disconnect follows.
  if (process.connected) process.send?.(message, () => {});
}

process.on("message", (message: ToWatchdog) => {
  switch (message.type) {
    case "beat":
      renewedAt = Math.max(renewedAt, message.since);
      break;
    case "watch":
      groups.add(message.group);
      // Started by a runner that does not know yet that its time is over.
      if (isSilent()) signalGroup(message.group, "SIGKILL");
      break;
    case "unwatch":
      groups.delete(message.group);
      break;
    case "launch":
      launch(message.launch);
      break;
  }
});

function launch(wanted: Launch): void {
  const { id, command, args, cwd, env, until } = wanted;
  if (alone || isSilent() || leaseClockMs() >= until) {
    tell({ type: "refused", id });
    return;
  }
  let descriptors: number[] = [];
  try {
    descriptors = openWriters(wanted);
    const [stdout, stderr] = descriptors;
    const child = spawn(command, args, {
      cwd,
      // The types of Next.js claim that every environment has NODE_ENV.
      env: env as NodeJS.ProcessEnv,
      detached: true,
      stdio: ["ignore", stdout, stderr],
    });
    if (child.pid === undefined) {
      child.once("error", (error) => tell({ type: "failed", id, message: error.message }));
      return;
    }
    groups.add(child.pid);
    endFirst(child.pid);
    tell({ type: "started", id, pid: child.pid });
    child.once("exit", (code, signal) => tell({ type: "ended", id, code, signal }));
  } catch (error) {
    tell({ type: "failed", id, message: error instanceof Error ? error.message : String(error) });
  } finally {
    for (const descriptor of descriptors) closeSync(descriptor);
  }
}

/**
 * Opens the pipes for writing. That would wait for a reader, for ever if the runner has just died;
 * so they are opened for both first, which waits for nobody.
 */
function openWriters({ stdout, stderr }: Launch): number[] {
  const opened: number[] = [];
  const keepers: number[] = [];
  try {
    for (const path of [stdout, stderr]) {
      keepers.push(openSync(path, constants.O_RDWR | constants.O_NONBLOCK));
      opened.push(openSync(path, constants.O_WRONLY));
    }
    return opened;
  } catch (error) {
    for (const descriptor of opened) closeSync(descriptor);
    throw error;
  } finally {
    for (const descriptor of keepers) closeSync(descriptor);
  }
}

let killedFor = 0;
const guard = setInterval(
  () => {
    if (!isSilent() || killedFor === renewedAt) return;
    killedFor = renewedAt;
    void kill();
  },
  Math.min(100, silenceMs / 10),
);

/** The runner is gone. */
function orphaned(): void {
  alone = true;
  clearInterval(guard);
  // A killing that is on its way may have begun before the last start.
  void kill()
    .then(() => kill())
    .then(() => process.exit(0));
}
process.once("disconnect", orphaned);
// It may have died before this process could listen.
if (!process.connected) orphaned();

// The signals that end the runner are not meant for its watchdog: it goes when the runner has gone.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
