/** Reads `postmaster.pid` and tells whether the server it names still runs on that data directory. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface Postmaster {
  pid: number;
  port: number;
  /** As the server writes it: `starting`, `ready`, `stopping`, `standby`. */
  status: string;
}

/** False for a zombie too: where process 1 reaps nothing, a dead orphan keeps its id for ever. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    if (process.platform !== "linux") return true;
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return !stat.slice(stat.lastIndexOf(")")).startsWith(") Z");
  } catch (error) {
    // EPERM: it lives, under another account.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/**
 * True when `pid` is a PostgreSQL server working in `dataDir`. Process ids are reused, above all in
 * containers and after a reboot, so that a living process is not proof enough.
 */
async function servesDirectory(pid: number, dataDir: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  if (process.platform === "linux") {
    return (await readlink(`/proc/${pid}/cwd`).catch(() => "")) === dataDir;
  }
  if (process.platform === "win32") return true;
  const { stdout } = await run("ps", ["-o", "command=", "-p", String(pid)]).catch(() => ({
    stdout: "",
  }));
  return stdout.includes(dataDir);
}

/**
 * @param dataDir absolute real path of the data directory
 * @returns the running server, `stale` for a left-over file, null when there is no file
 */
export async function readPostmaster(dataDir: string): Promise<Postmaster | "stale" | null> {
  const text = await readFile(join(dataDir, "postmaster.pid"), "utf8").catch(() => null);
  if (text === null) return null;
  // Lines: pid, data directory, start time, port, socket directory, listen address, shmem, status.
  const lines = text.split("\n");
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0 || !(await servesDirectory(pid, dataDir))) return "stale";
  return { pid, port: Number(lines[3]), status: (lines[7] ?? "starting").trim() };
}
