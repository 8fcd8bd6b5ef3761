import { readdirSync, readFileSync } from "node:fs";

/**
 * Processes that have one of the given texts in their environment or their arguments. Those in
 * `meant` and their own children do not count.
 */
export function findProcessesWith(traces: readonly string[], meant: readonly number[]): string[] {
  if (process.platform !== "linux") return [];
  const found: string[] = [];
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!(pid > 0) || pid === process.pid || meant.includes(pid)) continue;
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
      const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (state === "Z" || meant.includes(Number(parent))) continue;
      const arguments_ = readFileSync(`/proc/${pid}/cmdline`, "latin1");
      const environment = readFileSync(`/proc/${pid}/environ`, "latin1");
      if (traces.some((trace) => arguments_.includes(trace) || environment.includes(trace))) {
        found.push(`process ${pid} is left: ${arguments_.replaceAll("\0", " ").trim()}`);
      }
    } catch {
      // Gone meanwhile.
    }
  }
  return found;
}
