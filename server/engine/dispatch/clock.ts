/** The clock of leases: the same in every process of this machine, and running while it sleeps. */
import { openSync, readSync } from "node:fs";

function openUptime(): number | null {
  if (process.platform !== "linux") return null;
  try {
    return openSync("/proc/uptime", "r");
  } catch {
    // A sandbox without /proc: the other clock will do, it merely stands still during suspension.
    return null;
  }
}

const uptime = openUptime();
const text = Buffer.alloc(64);

/** Milliseconds from an origin without meaning; exact to 10 ms. */
export function leaseClockMs(): number {
  if (uptime === null) return Number(process.hrtime.bigint() / 1_000_000n);
  const length = readSync(uptime, text, 0, text.length, 0);
  return Math.round(Number.parseFloat(text.toString("latin1", 0, length)) * 1_000);
}
