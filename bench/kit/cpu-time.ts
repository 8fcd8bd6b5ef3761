/** Processor time of a command and of everything that it waits for. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** The shell's own word on it; the last line is that of its children. POSIX, `times`. */
const TIMED = '"$@" >/dev/null; code=$?; times; exit $code';
const ROW = /^(\d+)m([\d.]+)s (\d+)m([\d.]+)s$/;

/**
 * @returns seconds of processor time, in the program and in the system, over all threads and children
 * @throws Error when the command fails
 */
export async function cpuSeconds(command: readonly string[], cwd: string): Promise<number> {
  const { stdout } = await promisify(execFile)("/bin/sh", ["-c", TIMED, "sh", ...command], { cwd });
  return readTimes(stdout);
}

/** @param text what `times` printed */
export function readTimes(text: string): number {
  const [, userMinutes, user, systemMinutes, system] =
    ROW.exec(text.trim().split("\n").at(-1) ?? "") ?? [];
  const seconds =
    60 * (Number(userMinutes) + Number(systemMinutes)) + Number(user) + Number(system);
  if (Number.isNaN(seconds)) throw new Error(`The shell told no times: ${text}`);
  return seconds;
}
