/** Which processes there are, and how much memory they hold. */
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { promisify } from "node:util";

export interface ProcessRow {
  pid: number;
  parent: number;
  /** Resident memory, shared pages counted in full. */
  residentBytes: number;
}

/** All processes of this machine that can be read. One that ends meanwhile is left out. */
export async function listProcesses(): Promise<ProcessRow[]> {
  return process.platform === "linux" ? fromProc() : fromPs();
}

async function fromProc(): Promise<ProcessRow[]> {
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const rows = await Promise.all(
    names.map(async (name) => {
      const text = await readFile(`/proc/${name}/status`, "latin1").catch(() => "");
      const field = (key: string) => Number(new RegExp(`^${key}:\\s*(\\d+)`, "m").exec(text)?.[1]);
      const [parent, kibibytes] = [field("PPid"), field("VmRSS")];
      // Kernel threads have no memory of their own.
      if (Number.isNaN(parent) || Number.isNaN(kibibytes)) return [];
      return [{ pid: Number(name), parent, residentBytes: kibibytes * 1024 }];
    }),
  );
  return rows.flat();
}

async function fromPs(): Promise<ProcessRow[]> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid=,rss="]);
  return stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([pid = 0, parent = 0, kibibytes = 0]) => ({
      pid,
      parent,
      residentBytes: kibibytes * 1024,
    }));
}

/** A process and all that descend from it. */
export function descendants(rows: readonly ProcessRow[], root: number): ProcessRow[] {
  const found = rows.filter((row) => row.pid === root);
  for (const parent of found) {
    found.push(...rows.filter((row) => row.parent === parent.pid && row.pid !== parent.pid));
  }
  return found;
}
