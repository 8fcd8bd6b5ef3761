/** Days that stand for the shorter intervals within them, so that a year of hours fits one screen. */
import { layOut, usualLength } from "./heat-layout.ts";
import { DAY_MS, SCREEN_HEIGHT } from "./heat-plan.ts";
import { wallTimes } from "./zone-fields.ts";

export interface HeatDay {
  /** `YYYY-MM-DD` on the calendar of the zone. */
  date: string;
  /** Its intervals, by their places in the lists, in the order of time. */
  cells: number[];
}

/**
 * Gathers intervals by the day on which they start.
 * @param starts milliseconds since 1970, in any order
 * @returns days that have an interval, in the order of time
 */
export function gatherDays(starts: readonly number[], zone: string): HeatDay[] {
  const order = Array.from(starts.keys()).sort((a, b) => (starts[a] ?? 0) - (starts[b] ?? 0));
  const walls = wallTimes(
    order.map((cell) => starts[cell] ?? 0),
    zone,
  );
  const days: HeatDay[] = [];
  let known = Number.NaN;
  order.forEach((cell, n) => {
    const day = Math.floor((walls[n] ?? 0) / DAY_MS);
    if (day !== known) {
      known = day;
      days.push({ date: new Date(day * DAY_MS).toISOString().slice(0, 10), cells: [] });
    }
    days.at(-1)?.cells.push(cell);
  });
  return days;
}

/** Whether intervals are so short and many that one cell for each would not fit a screen. */
export function areForDays(
  starts: readonly number[],
  ends: readonly number[],
  zone: string,
  width: number,
): boolean {
  if (usualLength(starts, ends) > DAY_MS / 2) return false;
  return layOut(starts, ends, zone, width).height > SCREEN_HEIGHT;
}

/** How many cells of a day have each look. */
export function countLooks({ cells }: HeatDay, lookOf: readonly number[], looks: number): number[] {
  const counts = new Array<number>(looks).fill(0);
  for (const cell of cells) {
    const look = lookOf[cell] ?? 0;
    counts[look] = (counts[look] ?? 0) + 1;
  }
  return counts;
}

/**
 * The look of each day: the first of `ranks` that one of its intervals has.
 * @param ranks every look, what matters most first
 */
export function looksOfDays(
  days: readonly HeatDay[],
  lookOf: readonly number[],
  ranks: readonly number[],
): number[] {
  const places = new Array<number>(ranks.length).fill(0);
  ranks.forEach((look, place) => {
    places[look] = place;
  });
  return days.map(({ cells }) => {
    const best = cells.reduce(
      (least, cell) => Math.min(least, places[lookOf[cell] ?? 0] ?? least),
      ranks.length - 1,
    );
    return ranks[best] ?? 0;
  });
}
