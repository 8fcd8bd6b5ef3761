/** Finding and killing processes that belong to this runner. Linux tells all; elsewhere groups must do. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

export const isLinux = process.platform === "linux";

/** In the environment of everything a runner starts, so that what leaves its group is found too. */
export const TOKEN_VARIABLE = "IDEM_RUNNER_TOKEN";
/** As TOKEN_VARIABLE, for one attempt. */
export const ATTEMPT_TOKEN_VARIABLE = "IDEM_ATTEMPT_TOKEN";

/** Signals a process group. @returns false when it has no process any more */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch (error) {
    // EPERM: there is something, though not ours to signal.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Signals one process; one that is gone already is fine. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** From -1,000 (never) to 1,000; 0 is usual. */
const END_FIRST = 800;

/**
 * When memory runs out, the system is to end a task and not its runner or a database beside it. What the
 * process starts inherits that.
 */
export function endFirst(pid: number): void {
  if (!isLinux) return;
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, String(END_FIRST));
  } catch {
    // Gone already, or a system that does not let it: then it decides by size alone.
  }
}

const FEW = 100;

export interface Search {
  /** `NAME=value` in the environment of what is looked for, or null for sessions alone. */
  marker: string | null;
  /** Sessions that belong to it as well, whatever their processes have made of their environment. */
  sessions: ReadonlySet<number>;
  /** Only processes with a higher id; 0 for all. */
  above: number;
  /** The highest id that one of them can have, if that is known. */
  upTo?: number;
}

/** Living processes that carry a marker or belong to a session. Empty where the system does not tell. */
export function findProcesses(search: Search): number[] {
  if (!isLinux) return [];
  const marker = search.marker === null ? null : Buffer.from(`${search.marker}\0`);
  return candidates(search).filter(
    (pid) => pid !== process.pid && belongs(pid, marker, search.sessions),
  );
}

/** Few numbers are asked for one by one: listing all processes of a machine takes far longer. */
function candidates({ above, upTo }: Search): number[] {
  if (upTo !== undefined && upTo - above <= FEW) {
    return Array.from({ length: Math.max(0, upTo - above) }, (_, i) => above + 1 + i);
  }
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > above);
}

function belongs(pid: number, marker: Buffer | null, sessions: ReadonlySet<number>): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name in parentheses may contain anything; the fields after it do not.
    const [state, , , session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z" || state === "X") return false;
    if (sessions.has(Number(session))) return true;
    return marker !== null && hasVariable(readFileSync(`/proc/${pid}/environ`), marker);
  } catch {
    // Gone meanwhile, or somebody else's and thus not started by us.
    return false;
  }
}

function hasVariable(environment: Buffer, marker: Buffer): boolean {
  const at = environment.indexOf(marker);
  return at === 0 || (at > 0 && environment[at - 1] === 0);
}

/** The id that was given to a process last, or null where the system does not tell. */
export function lastProcessId(): number | null {
  if (!isLinux) return null;
  try {
    const last = Number(readFileSync("/proc/loadavg", "latin1").trim().split(" ").at(-1));
    return Number.isInteger(last) ? last : null;
  } catch {
    return null;
  }
}

const SWEEP_PAUSE_MS = 5;
const MAX_SWEEPS = 200;

/**
 * Kills what an attempt left in its group, and what left the group before: a background process
 * must not work on beside the next attempt. Processes are numbered upwards, so only those after the
 * group's first need to be looked at, unless the numbers have begun anew.
 * @param group        process group, and session, of the attempt
 * @param attemptToken value of ATTEMPT_TOKEN_VARIABLE in the attempt's environment; null for none
 */
export async function sweep(group: number, attemptToken: string | null): Promise<void> {
  signalGroup(group, "SIGKILL");
  const marker = attemptToken === null ? null : markerOf(attemptToken);
  const sessions = new Set([group]);
  // Asked for each time: what is found may have started more meanwhile.
  const search = (): Search => {
    const last = lastProcessId();
    const inOrder = last !== null && last >= group;
    return { marker, sessions, ...(inOrder ? { above: group, upTo: last } : { above: 0 }) };
  };
  await killAll(search, () => signalGroup(group, 0));
}

/** Kills everything that carries the token of an attempt. */
export async function sweepMarked(attemptToken: string): Promise<void> {
  const search = { marker: markerOf(attemptToken), sessions: new Set<number>(), above: 0 };
  await killAll(
    () => search,
    () => false,
  );
}

const markerOf = (attemptToken: string): string => `${ATTEMPT_TOKEN_VARIABLE}=${attemptToken}`;

/** @param isLeft asked where the system does not tell about processes */
async function killAll(search: () => Search, isLeft: () => boolean): Promise<void> {
  for (let i = 0; i < MAX_SWEEPS; i++) {
    const left = findProcesses(search());
    for (const pid of left) signalProcess(pid, "SIGKILL");
    // Signal 0 finds zombies too, and where process 1 reaps nothing they stay for ever.
    if (left.length === 0 && (isLinux || !isLeft())) return;
    await sleep(SWEEP_PAUSE_MS);
  }
}
