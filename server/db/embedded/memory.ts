import { totalmem } from "node:os";

const MB = 1024 * 1024;
const LEAST_MB = 128;
const MOST_MB = 2_048;

/**
 * How many megabytes of tables and indexes the server keeps in memory of its own: an eighth of what
 * there is. It takes them as it needs them, so that a small database stays small.
 * @param bytes memory that there is for all processes
 */
export function sharedBuffersMb(bytes: number): number {
  return Math.max(LEAST_MB, Math.min(MOST_MB, Math.floor(bytes / 8 / MB)));
}

/** Bytes of memory of the machine, or of the container that this process runs in. */
export function memoryThere(): number {
  // 0, or more than any machine has, where nothing limits it.
  const limit = process.constrainedMemory();
  return limit === 0 ? totalmem() : Math.min(totalmem(), limit);
}
