import { readCron } from "../cron.ts";
import type { TickClock } from "../ticks.ts";

/** A clock for tests. @throws Error when the pattern is not valid */
export function clockOf(
  pattern: string,
  timezone: string,
  bounds: { start?: number; end?: number } = {},
): TickClock {
  const read = readCron(pattern);
  if (!read.ok) throw new Error(`${pattern}: ${read.fault.message}`);
  return { cron: read.cron, timezone, start: bounds.start ?? null, end: bounds.end ?? null };
}
