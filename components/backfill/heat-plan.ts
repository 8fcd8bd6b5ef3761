/** What plans of heat maps are made of: the fields of a calendar, and the measures of a screen. */
import { wallTimes } from "./zone-fields.ts";

/**
 * `years`: days by week and weekday, a block for each year; on narrow screens weeks go down and not
 * across. `hours`: days across, hours down, or steps of several hours. `day`: one day's hours across.
 */
export type HeatKind = "day" | "hours" | "years" | "weeks" | "months" | "sequence";

export interface HeatLabel {
  x: number;
  y: number;
  /** A year, an hour, or the number of a row; a month is written by its name. */
  text: string;
  month: number | null;
}

export const DAY_MS = 86_400_000;
export const HOUR = 3_600_000;
/** Room for years, months and numbers on the left, and for months above. */
export const LEFT = 36;
export const TOP = 16;
/** Between two blocks. */
export const GAP = 8;
/** From one cell to the next, in pixels: the least and the most. */
export const LEAST = 6;
export const MOST = 20;
/** Weeks of a year: 53 begin in it, and the first may have begun before. */
export const WEEKS = 54;
/** A map that is no higher can be seen at once, below the head of a page. */
export const SCREEN_HEIGHT = 640;
/** Leaves the rows below it in sight. */
export const EASY_HEIGHT = 520;

/** Left and top of cells in the order of time, and what is written beside them. */
export interface Plan {
  kind: HeatKind;
  pitch: number;
  xs: number[];
  ys: number[];
  labels: HeatLabel[];
}

/** Calendar fields of the starts, in the order of time. */
export interface Fields {
  count: number;
  year: number[];
  month: number[];
  /** Days since 1970 on the wall calendar. */
  day: number[];
  hour: number[];
  firstYear: number;
  years: number;
}

export function fieldsOf(times: readonly number[], zone: string): Fields {
  const walls = wallTimes(times, zone);
  const count = walls.length;
  const list = () => new Array<number>(count).fill(0);
  const fields = { year: list(), month: list(), day: list(), hour: list() };
  // A calendar is asked once for each month and not for each cell.
  let [year, month, nextMonth] = [1970, 1, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < count; i++) {
    const wall = walls[i] ?? 0;
    const day = Math.floor(wall / DAY_MS);
    if (day >= nextMonth) {
      const date = new Date(wall);
      year = date.getUTCFullYear();
      month = date.getUTCMonth() + 1;
      nextMonth = Date.UTC(year, month, 1) / DAY_MS;
    }
    fields.year[i] = year;
    fields.month[i] = month;
    fields.day[i] = day;
    fields.hour[i] = Math.floor((wall - day * DAY_MS) / HOUR);
  }
  const firstYear = fields.year[0] ?? 1970;
  return {
    count,
    ...fields,
    firstYear,
    years: (fields.year[count - 1] ?? firstYear) - firstYear + 1,
  };
}

export const clamp = (value: number, least: number, most: number) =>
  Math.max(least, Math.min(most, Math.floor(value)));
export const weekdayOf = (day: number) => (day + 3) % 7;
export const newYear = (year: number) => Date.UTC(year, 0, 1) / DAY_MS;
/** Fingers and eyes want more than the least. */
export const isNarrow = (width: number) => width < LEFT + WEEKS * 8;
