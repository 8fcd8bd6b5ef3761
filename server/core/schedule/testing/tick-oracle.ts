import { tzOffset } from "@date-fns/tz";

/**
 * Ticks found the slow way, for comparison: a clock on the wall is watched minute by minute, and
 * patterns are read by a few lines of their own. Shares no code with what it checks.
 */

const MINUTE_MS = 60_000;
const MINUTES_OF_DAY = 1_440;
/** Offsets have changed on quarters of an hour (UTC) only, in every zone used here. */
const QUARTER_MS = 15 * MINUTE_MS;

/** What the wall clock newly shows at one minute: usually one minute, none or many at a change. */
interface Shown {
  instant: number;
  /** Wall-clock minutes since 1970, as if UTC: those in (after, until] are reached at this instant. */
  after: number;
  until: number;
}

/** Watches the clock of a zone over [from, to), both on a minute. */
function* watchClock(zone: string, from: number, to: number): Generator<Shown> {
  const wallMinute = (instant: number, offset: number) => instant / MINUTE_MS + offset;
  // Two days ahead, so that times shown just before `from` count as shown.
  let reached = Number.NEGATIVE_INFINITY;
  const begin = Math.floor((from - 2 * 86_400_000) / QUARTER_MS) * QUARTER_MS;
  for (let quarter = begin; quarter < to; quarter += QUARTER_MS) {
    const offset = tzOffset(zone, new Date(quarter));
    for (let minute = 0; minute < 15; minute++) {
      const instant = quarter + minute * MINUTE_MS;
      if (instant >= to) return;
      const wall = wallMinute(instant, offset);
      if (wall <= reached) continue;
      const after = Number.isFinite(reached) ? reached : wall - 1;
      reached = wall;
      if (instant >= from) yield { instant, after, until: wall };
    }
  }
}

/** A matcher for patterns of five fields made of numbers, lists, ranges and steps. */
function matcher(pattern: string): (wallMinute: number) => boolean {
  const texts = pattern.split(" ");
  const [minutes, hours, days, months, weekdays] = texts.map(readField) as [
    boolean[],
    boolean[],
    boolean[],
    boolean[],
    boolean[],
  ];
  const both = texts[2] !== "*" && texts[4] !== "*";
  const matchesDay = (dayNumber: number): boolean => {
    const date = new Date(dayNumber * MINUTES_OF_DAY * MINUTE_MS);
    const day = days[date.getUTCDate()] === true;
    const sunday = date.getUTCDay() === 0 && weekdays[7] === true;
    const weekday = weekdays[date.getUTCDay()] === true || sunday;
    return months[date.getUTCMonth() + 1] === true && (both ? day || weekday : day && weekday);
  };
  let [lastDay, isDay] = [Number.NaN, false];
  return (wallMinute) => {
    const day = Math.floor(wallMinute / MINUTES_OF_DAY);
    if (day !== lastDay) [lastDay, isDay] = [day, matchesDay(day)];
    if (!isDay) return false;
    const minute = wallMinute - day * MINUTES_OF_DAY;
    return minutes[minute % 60] === true && hours[Math.floor(minute / 60)] === true;
  };
}

/** Which values a field names. A step over `*` counts from 0: days and months here use none. */
function readField(field: string): boolean[] {
  const parts = field.split(",").map((part) => {
    const [range = "", step = "1"] = part.split("/");
    const [low = "", high = low] = range.split("-");
    const [from, to] = range === "*" ? [0, 60] : [Number(low), Number(high)];
    return { from, to, step: Number(step) };
  });
  return Array.from({ length: 61 }, (_, value) =>
    parts.some(({ from, to, step }) => value >= from && value <= to && (value - from) % step === 0),
  );
}

/** Instants in [from, to) at which each pattern fires in the zone. */
export function oracleTicks(
  patterns: readonly string[],
  zone: string,
  from: number,
  to: number,
): number[][] {
  const found = patterns.map((pattern) => ({ matches: matcher(pattern), ticks: [] as number[] }));
  for (const { instant, after, until } of watchClock(zone, from, to)) {
    for (const { matches, ticks } of found) {
      for (let minute = after + 1; minute <= until; minute++) {
        if (!matches(minute)) continue;
        ticks.push(instant);
        break;
      }
    }
  }
  return found.map(({ ticks }) => ticks);
}
