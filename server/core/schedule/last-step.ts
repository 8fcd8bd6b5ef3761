import type { FlowSpec, ScheduleSpec } from "../flow/spec.ts";
import type { IntervalView } from "../run/view.ts";
import { scheduleClock } from "./clock.ts";
import { lastTick, spanOf } from "./ticks.ts";

/** The zone in which a flow's dates are read when nobody says otherwise: that of its schedule. */
export function flowZone({ schedules }: Pick<FlowSpec, "schedules">): string {
  return schedules[0]?.timezone ?? "UTC";
}

/**
 * The newest whole step of a schedule, whatever its start and end: what its last tick covers.
 * @param now milliseconds since 1970
 * @returns null for a pattern that has hardly any ticks
 */
export function lastStepOf(spec: ScheduleSpec, now: number): IntervalView | null {
  const clock = { ...scheduleClock(spec), start: null, end: null };
  const tick = lastTick(clock, now);
  const span = tick === null ? null : spanOf(clock, tick);
  if (span === null) return null;
  return { start: new Date(span.start).toISOString(), end: new Date(span.end).toISOString() };
}

/** The newest whole step of a flow's first schedule; without one, the newest whole day in UTC. */
export function lastStep(
  { schedules }: Pick<FlowSpec, "schedules">,
  now: number,
): IntervalView | null {
  const daily = { cron: "0 0 * * *", timezone: "UTC", catchup: "none", overlap: "queue" } as const;
  return lastStepOf(schedules[0] ?? daily, now);
}
