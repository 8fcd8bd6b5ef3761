/** The facts without which a number means nothing. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { availableParallelism, cpus, loadavg, release, totalmem } from "node:os";

export interface Machine {
  cores: number;
  processor: string;
  memoryBytes: number;
  system: string;
  node: string;
  /** Of the data directory. */
  fileSystem: string;
  /** Processes that wanted to run, averaged over the minute before the benchmark began. */
  loadBefore: number;
  product: { version: string; commit: string | null; changed: boolean };
}

/** Names of file systems by the number that statfs tells on Linux. */
const fileSystems = new Map<number, string>([
  [0x01021994, "tmpfs"],
  [0xef53, "ext"],
  [0x58465342, "xfs"],
  [0x9123683e, "btrfs"],
  [0x794c7630, "overlayfs"],
  [0x2fc12fc1, "zfs"],
  [0x6969, "nfs"],
]);

/** @param directory whose file system is told */
export async function describeMachine(directory: string): Promise<Machine> {
  const { type } = await statfs(directory);
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? "unknown",
    memoryBytes: totalmem(),
    system: `${process.platform} ${release()} ${process.arch}`,
    node: process.version,
    fileSystem: fileSystems.get(type) ?? `0x${type.toString(16)}`,
    loadBefore: loadavg()[0] ?? 0,
    product: {
      version: versionOf(readFileSync("package.json", "utf8")),
      commit: git(["rev-parse", "--short", "HEAD"]),
      changed: git(["status", "--porcelain"]) !== "",
    },
  };
}

function versionOf(text: string): string {
  const value: unknown = JSON.parse(text);
  return typeof value === "object" && value !== null && "version" in value
    ? String(value.version)
    : "unknown";
}

/** @returns null where there is no repository */
function git(args: readonly string[]): string | null {
  try {
    return execFileSync("git", [...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return null;
  }
}
