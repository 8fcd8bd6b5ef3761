/** Names a process for good: a process id alone is given to another process sooner or later. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { isAlive } from "#server/db/embedded/postmaster.ts";

const START_TIME_FIELD = 22;

export interface ProcessIdentity {
  pid: number;
  /** When it started, in the system's own words. */
  started: string;
}

/** @returns null when no such process lives */
export function identify(pid: number): ProcessIdentity | null {
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return null;
  try {
    return { pid, started: startOf(pid) };
  } catch {
    // It ended between the two looks.
    return null;
  }
}

function startOf(pid: number): string {
  if (process.platform === "linux") {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The second field is the program's name in parentheses and may contain anything.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
    return `${boot} ${fields[START_TIME_FIELD - 3]}`;
  }
  if (process.platform === "win32") return "";
  return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim();
}

/** True while the very process that was identified still lives. */
export function isSame(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.started === identity.started;
}
