import { AppError } from "../errors.ts";
import type { ScheduleSpec } from "../flow/spec.ts";
import { readCron } from "./cron.ts";
import type { TickClock } from "./ticks.ts";

/**
 * The clock of a schedule as its flow defines it.
 * @throws AppError INVALID_CRON when the pattern is not valid, which compiling a flow rules out
 */
export function scheduleClock(spec: ScheduleSpec): TickClock {
  const read = readCron(spec.cron);
  if (!read.ok) throw new AppError("INVALID_CRON", read.fault.message, { fix: read.fault.fix });
  return {
    cron: read.cron,
    timezone: spec.timezone,
    start: spec.start === undefined ? null : Date.parse(spec.start),
    end: spec.end === undefined ? null : Date.parse(spec.end),
  };
}

/** Whether two schedules fire at the same instants. */
export function sameClock(a: ScheduleSpec, b: ScheduleSpec): boolean {
  return a.cron === b.cron && a.timezone === b.timezone && a.start === b.start && a.end === b.end;
}
