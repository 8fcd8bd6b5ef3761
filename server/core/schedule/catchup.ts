import { lastTick, nextTick, type TickClock } from "./ticks.ts";

/** What happens to ticks that passed while nothing could fire them. */
export const catchups = ["all", "latest", "none"] as const;
export type Catchup = (typeof catchups)[number];

/**
 * A tick is missed when it is noticed later than this, in milliseconds. Shorter delays are the
 * ordinary price of a runner that took over from another one: its ticks fire whatever the policy.
 */
export const MISSED_AFTER_MS = 15_000;
/** Most missed ticks that are fired in one go; the rest follows in the next. */
export const MOST_AT_ONCE = 50;
/** Missed ticks are counted one by one up to here. */
export const MOST_COUNTED = 10_000;

export interface DueTick {
  /** Milliseconds since 1970. */
  tick: number;
  /** True when it was missed and is fired after all. */
  late: boolean;
}

/** Ticks that pass without a run because the policy says so. */
export interface Dropped {
  first: number;
  last: number;
  count: number;
  /** False when there are more than were counted. */
  exact: boolean;
}

export interface DuePlan {
  /** In order. */
  fire: DueTick[];
  dropped: Dropped | null;
  /** The tick to look at next, possibly one that is due already; null when none is left. */
  next: number | null;
}

/**
 * What to do about the ticks of a schedule that are due.
 * @param pending the first tick that has not been dealt with
 * @param now     milliseconds since 1970; ticks up to and including it are due
 */
export function planDue(clock: TickClock, catchup: Catchup, pending: number, now: number): DuePlan {
  const onTime = now - MISSED_AFTER_MS;
  if (pending >= onTime) return planOnTime(clock, [], null, pending, now);
  const lastMissed = lastTick(clock, onTime - 1) ?? pending;
  const afterMissed = nextTick(clock, lastMissed);
  const isLatestMissed = afterMissed === null || afterMissed > now;
  switch (catchup) {
    case "all":
      return planMissed(clock, pending, lastMissed, now);
    case "latest": {
      const fire = isLatestMissed ? [{ tick: lastMissed, late: true }] : [];
      const until = isLatestMissed ? lastMissed : lastMissed + 1;
      return planOnTime(clock, fire, drop(clock, pending, until), afterMissed, now);
    }
    case "none":
      return planOnTime(clock, [], drop(clock, pending, lastMissed + 1), afterMissed, now);
  }
}

/** Fires missed ticks from the oldest on, as many as fit into one go, and the others after them. */
function planMissed(clock: TickClock, pending: number, lastMissed: number, now: number): DuePlan {
  const fire: DueTick[] = [];
  let tick: number | null = pending;
  while (tick !== null && tick <= lastMissed && fire.length < MOST_AT_ONCE) {
    fire.push({ tick, late: true });
    tick = nextTick(clock, tick);
  }
  if (tick !== null && tick <= lastMissed) return { fire, dropped: null, next: tick };
  return planOnTime(clock, fire, null, tick, now);
}

function planOnTime(
  clock: TickClock,
  late: readonly DueTick[],
  dropped: Dropped | null,
  from: number | null,
  now: number,
): DuePlan {
  const fire = [...late];
  let tick = from;
  while (tick !== null && tick <= now) {
    fire.push({ tick, late: false });
    tick = nextTick(clock, tick);
  }
  return { fire, dropped, next: tick };
}

/** Sums up the ticks in [from, until). */
function drop(clock: TickClock, from: number, until: number): Dropped | null {
  if (from >= until) return null;
  let count = 0;
  let tick: number | null = from;
  while (tick !== null && tick < until && count < MOST_COUNTED) {
    count += 1;
    tick = nextTick(clock, tick);
  }
  const exact = tick === null || tick >= until;
  return { first: from, last: lastTick(clock, until - 1) ?? from, count, exact };
}
