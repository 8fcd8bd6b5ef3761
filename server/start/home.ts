/** IDEM_HOME: one supervisor at a time, and a note of the processes it has started. */
import {
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { AppError } from "#server/core/errors.ts";
import { identify, isSame, type ProcessIdentity } from "./process-identity.ts";

const LOCK_FILE = "supervisor.lock";
const CHILDREN_FILE = "children.json";
/** Longer than a runner takes to hand its tasks back once its supervisor is gone. */
const ORPHAN_LIMIT_MS = 15_000;
const POLL_MS = 50;

const identity = z.object({ pid: z.int().positive(), started: z.string() });

export interface Home {
  path: string;
  /** Notes which child processes live, for the next start after a crash. */
  noteChildren(pids: readonly number[]): void;
  /** Lets another supervisor have this home. */
  release(): void;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function readIdentity(file: string): ProcessIdentity | null {
  try {
    return identity.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    // Missing or torn: nobody's.
    return null;
  }
}

/**
 * Creates `path` if need be and locks it for this process.
 * @throws AppError UNAVAILABLE when it cannot be written; CONFLICT when another supervisor has it
 */
export function lockHome(path: string): Home {
  const lock = join(path, LOCK_FILE);
  const own = `${lock}.${process.pid}`;
  try {
    mkdirSync(path, { recursive: true, mode: 0o755 });
    mkdirSync(join(path, "data"), { recursive: true });
    writeFileSync(own, JSON.stringify(identify(process.pid)));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AppError("UNAVAILABLE", `IDEM_HOME ${path} cannot be written: ${why}.`, {
      fix: "Give this account the right to write there, or set IDEM_HOME to another folder.",
      cause,
    });
  }
  try {
    acquire(lock, own, path);
  } finally {
    rmSync(own, { force: true });
  }
  return {
    path,
    noteChildren: (pids) => noteChildren(path, pids),
    release() {
      const holder = readIdentity(lock);
      if (holder?.pid === process.pid) rmSync(lock, { force: true });
    },
  };
}

/** Linking fails when the lock exists, whoever else tries at the same time. */
function acquire(lock: string, own: string, path: string): void {
  for (;;) {
    try {
      linkSync(own, lock);
      return;
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
    }
    const holder = readIdentity(lock);
    if (holder !== null && isSame(holder)) throw alreadyRunning(path, holder.pid);
    // Left by a killed supervisor. Moved aside first, so that a lock taken meanwhile is noticed.
    const aside = `${own}.aside`;
    try {
      renameSync(lock, aside);
    } catch (error) {
      if (codeOf(error) === "ENOENT") continue;
      throw error;
    }
    const moved = readIdentity(aside);
    if (moved !== null && isSame(moved)) {
      linkSync(aside, lock);
      unlinkSync(aside);
      throw alreadyRunning(path, moved.pid);
    }
    unlinkSync(aside);
  }
}

function alreadyRunning(path: string, pid: number): AppError {
  return new AppError("CONFLICT", `Idem already runs on ${path} (process ${pid}).`, {
    fix: "Stop it first, or set IDEM_HOME to another folder.",
  });
}

function noteChildren(path: string, pids: readonly number[]): void {
  const file = join(path, CHILDREN_FILE);
  writeFileSync(`${file}.new`, JSON.stringify(pids.flatMap((pid) => identify(pid) ?? [])));
  renameSync(`${file}.new`, file);
}

/**
 * Waits until the children of a supervisor that was killed are gone; they end by themselves when
 * it dies. One that does not is killed.
 * @param log told once when there is something to wait for
 */
export async function awaitOrphans(path: string, log: (message: string) => void): Promise<void> {
  let orphans: ProcessIdentity[];
  try {
    const noted = z
      .array(identity)
      .parse(JSON.parse(readFileSync(join(path, CHILDREN_FILE), "utf8")));
    orphans = noted.filter(isSame);
  } catch {
    // No note, or one torn by a crash: then the port check speaks up.
    return;
  }
  if (orphans.length === 0) return;
  log("Waiting for processes of a supervisor that was killed to end");
  const deadline = performance.now() + ORPHAN_LIMIT_MS;
  while (orphans.some(isSame) && performance.now() < deadline) await sleep(POLL_MS);
  for (const orphan of orphans.filter(isSame)) process.kill(orphan.pid, "SIGKILL");
  while (orphans.some(isSame)) await sleep(POLL_MS);
}
