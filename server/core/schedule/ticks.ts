import type { CronPattern } from "./cron.ts";
import { lastWallTime, nextWallTime } from "./cron.ts";
import { type ZoneClock, zoneClock } from "./zone.ts";

/**
 * The ticks of a schedule. A tick is the first instant at which the wall clock of the schedule's
 * zone has reached a time that the cron pattern names. So a time that is skipped when clocks go
 * forward fires at the moment of the change, together with whatever else falls on that moment, and
 * a time that is shown twice when clocks go back fires the first time. Instants are milliseconds
 * since 1970, UTC.
 */
export interface TickClock {
  readonly cron: CronPattern;
  /** IANA name. */
  readonly timezone: string;
  /** No tick before this instant. */
  readonly start: number | null;
  /** No tick at or after this instant. */
  readonly end: number | null;
}

/** The first tick after an instant, or null when none follows. */
export function nextTick(clock: TickClock, after: number): number | null {
  const from = clock.start === null ? after : Math.max(after, clock.start - 1);
  const tick = nextCronTick(clock.cron, zoneClock(clock.timezone), from);
  return tick === null || (clock.end !== null && tick >= clock.end) ? null : tick;
}

/** The last tick at or before an instant, or null when there is none. */
export function lastTick(clock: TickClock, until: number): number | null {
  const to = clock.end === null ? until : Math.min(until, clock.end - 1);
  const tick = lastCronTick(clock.cron, zoneClock(clock.timezone), to);
  return tick === null || (clock.start !== null && tick < clock.start) ? null : tick;
}

/** Ticks in [from, to), in order. */
export function* ticksBetween(clock: TickClock, from: number, to: number): Generator<number> {
  let tick = nextTick(clock, from - 1);
  while (tick !== null && tick < to) {
    yield tick;
    tick = nextTick(clock, tick);
  }
}

/** The next `count` ticks after an instant; fewer when the schedule ends before. */
export function nextTicks(clock: TickClock, after: number, count: number): number[] {
  const ticks: number[] = [];
  let tick = nextTick(clock, after);
  while (tick !== null && ticks.length < count) {
    ticks.push(tick);
    tick = nextTick(clock, tick);
  }
  return ticks;
}

/** Half-open span of data, milliseconds since 1970. */
export interface Span {
  start: number;
  end: number;
}

/**
 * The span of data that a tick's run covers: from the tick before up to this one. The tick before
 * is that of the pattern, whatever the schedule's start, so that spans lie edge to edge.
 * @returns null for the very first tick of a pattern that has none within the 41 years before
 */
export function spanOf(clock: Pick<TickClock, "cron" | "timezone">, tick: number): Span | null {
  const start = lastCronTick(clock.cron, zoneClock(clock.timezone), tick - 1);
  return start === null ? null : { start, end: tick };
}

function nextCronTick(cron: CronPattern, zone: ZoneClock, after: number): number | null {
  const wall = nextWallTime(cron, zone.latestWallTime(after));
  return wall === null ? null : zone.instantOf(wall);
}

function lastCronTick(cron: CronPattern, zone: ZoneClock, until: number): number | null {
  const wall = lastWallTime(cron, zone.latestWallTime(until));
  return wall === null ? null : zone.instantOf(wall);
}
