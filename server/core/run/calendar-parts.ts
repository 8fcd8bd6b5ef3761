import { zoneClock } from "../schedule/zone.ts";

const DAY_MS = 86_400_000;

/**
 * How many intervals of a calendar are shown when there may be too many: the whole days that fit, so
 * that the next part begins with a day. A first day that is too full itself is shown as far as there
 * is room, and the next part begins with the day after it.
 * @param starts milliseconds since 1970, in the order of time; one more than `most` when there are more
 * @returns how many of them are shown, and the day, `YYYY-MM-DD` in the zone, that the rest begins with
 */
export function fitDays(
  starts: readonly number[],
  timezone: string,
  most: number,
): { count: number; rest: string | null } {
  const next = starts[most];
  if (next === undefined) return { count: starts.length, rest: null };
  const clock = zoneClock(timezone);
  const dayOf = (at: number) => Math.floor(clock.wallTime(at) / DAY_MS);
  const day = dayOf(next);
  const first = starts.findIndex((at) => dayOf(at) === day);
  const text = (one: number) => new Date(one * DAY_MS).toISOString().slice(0, 10);
  return first === 0 ? { count: most, rest: text(day + 1) } : { count: first, rest: text(day) };
}
