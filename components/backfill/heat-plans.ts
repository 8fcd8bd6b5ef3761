/**
 * How intervals of each length are placed: cells in the order of time, and what is written beside
 * them. Pure arithmetic over calendar fields.
 */
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
const HOUR = 3_600_000;
/** Room for years, months and numbers on the left, and for months above. */
const LEFT = 36;
const TOP = 16;
/** Between two blocks. */
const GAP = 8;
const LEAST = 6;
const MOST = 20;
/** Weeks of a year: 53 begin in it, and the first may have begun before. */
const WEEKS = 54;
/** A map that is no higher can be seen at once, below the head of a page. */
export const SCREEN_HEIGHT = 640;
/** Leaves the rows below it in sight. */
const EASY_HEIGHT = 520;

/** Left and top of cells in the order of time, and what is written beside them. */
export interface Plan {
  kind: HeatKind;
  pitch: number;
  xs: number[];
  ys: number[];
  labels: HeatLabel[];
}

/** Calendar fields of the starts, in the order of time. */
interface Fields {
  count: number;
  year: number[];
  month: number[];
  /** Days since 1970 on the wall calendar. */
  day: number[];
  hour: number[];
  firstYear: number;
  years: number;
}

function fieldsOf(times: readonly number[], zone: string): Fields {
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

const clamp = (value: number, least: number, most: number) =>
  Math.max(least, Math.min(most, Math.floor(value)));
const weekdayOf = (day: number) => (day + 3) % 7;
const newYear = (year: number) => Date.UTC(year, 0, 1) / DAY_MS;
/** Fingers and eyes want more than the least. */
const isNarrow = (width: number) => width < LEFT + WEEKS * 8;

/** Cells of a year's block, and how many blocks stand side by side. */
function sizeOfYears(years: number, width: number): { across: number; pitch: number } {
  const sizesIn = (height: number) =>
    [1, 2, 3, 4].map((across) => {
      const fitsAcross = (width / across - LEFT - GAP) / WEEKS;
      const fitsDown = (height / Math.ceil(years / across) - TOP - GAP) / 7;
      return { across, pitch: Math.min(MOST, Math.floor(Math.min(fitsAcross, fitsDown))) };
    });
  for (const height of [EASY_HEIGHT, SCREEN_HEIGHT]) {
    const best = sizesIn(height).reduce((one, other) => (other.pitch > one.pitch ? other : one));
    if (best.pitch >= LEAST) return best;
  }
  // More than fits one screen: as many side by side as there is room for.
  const wide = sizesIn(Number.POSITIVE_INFINITY).filter(({ pitch }) => pitch >= LEAST);
  return wide.at(-1) ?? { across: 1, pitch: LEAST };
}

/** Years in blocks of 54 columns and 7 rows: as large as one screen holds, side by side if need be. */
function planYears(fields: Fields, width: number): Plan {
  const { years, firstYear } = fields;
  const { across, pitch } = sizeOfYears(years, width);
  const band = 7 * pitch + TOP + GAP;
  const block = LEFT + WEEKS * pitch + GAP;
  const corner = (year: number) => {
    const place = year - firstYear;
    return { x: LEFT + (place % across) * block, y: TOP + Math.floor(place / across) * band };
  };
  const labels: HeatLabel[] = [];
  const [xs, ys]: [number[], number[]] = [[], []];
  let [shownYear, shownMonth] = [0, 0];
  let [from, at] = [0, corner(firstYear)];
  for (let i = 0; i < fields.count; i++) {
    const year = fields.year[i] ?? 0;
    const month = fields.month[i] ?? 0;
    const day = fields.day[i] ?? 0;
    if (year !== shownYear) {
      from = newYear(year) - weekdayOf(newYear(year));
      at = corner(year);
      labels.push({ x: at.x - LEFT, y: at.y + pitch, text: String(year), month: null });
      shownMonth = 0;
    }
    const x = at.x + Math.floor((day - from) / 7) * pitch;
    if (month !== shownMonth) labels.push({ x, y: at.y - 5, text: "", month });
    shownYear = year;
    shownMonth = month;
    xs.push(x);
    ys.push(at.y + ((day - from) % 7) * pitch);
  }
  return { kind: "years", pitch, xs, ys, labels };
}

/** Years side by side, weeks going down: for screens that are higher than wide. */
function planTallYears(fields: Fields, width: number): Plan {
  const { years, firstYear } = fields;
  if (years === 1) return planHalves(fields, width);
  const room = width - LEFT + GAP;
  const pitch = clamp((room / years - GAP) / 7, 9, 13);
  const block = 7 * pitch + GAP;
  const across = Math.max(1, Math.floor(room / block));
  const band = WEEKS * pitch + TOP + GAP;
  const labels: HeatLabel[] = [];
  const [xs, ys]: [number[], number[]] = [[], []];
  const months = new Map<string, HeatLabel>();
  let [shown, from] = [0, 0];
  for (let i = 0; i < fields.count; i++) {
    const year = fields.year[i] ?? 0;
    const month = fields.month[i] ?? 0;
    const day = fields.day[i] ?? 0;
    const place = year - firstYear;
    const left = LEFT + (place % across) * block;
    const row = Math.floor(place / across);
    const top = TOP + row * band;
    if (year !== shown) {
      from = newYear(year) - weekdayOf(newYear(year));
      labels.push({ x: left, y: top - 5, text: String(year), month: null });
      shown = year;
    }
    const y = top + Math.floor((day - from) / 7) * pitch;
    // The years of a row share their months: the first week that any of them has.
    const key = `${row} ${month}`;
    const known = months.get(key);
    if (known === undefined) months.set(key, { x: 0, y: y + pitch - 2, text: "", month });
    else known.y = Math.min(known.y, y + pitch - 2);
    xs.push(left + ((day - from) % 7) * pitch);
    ys.push(y);
  }
  return { kind: "years", pitch, xs, ys, labels: [...labels, ...months.values()] };
}

/**
 * One year, or a part of one, on a screen that is higher than wide: the halves of its months side by
 * side, large enough for fingers. It begins with the week of the first interval.
 */
function planHalves(fields: Fields, width: number): Plan {
  const { firstYear, count } = fields;
  const pitch = clamp((width / 2 - LEFT - GAP) / 7, 9, 20);
  const block = LEFT + 7 * pitch + GAP;
  const labels: HeatLabel[] = [{ x: LEFT, y: TOP - 5, text: String(firstYear), month: null }];
  const [xs, ys]: [number[], number[]] = [[], []];
  const firstMonth = fields.month[0] ?? 1;
  const months = (fields.month[count - 1] ?? firstMonth) - firstMonth + 1;
  /** The first month of the second half, from 1. */
  const middle = firstMonth + Math.ceil(months / 2);
  const begins = [fields.day[0] ?? 0, Date.UTC(firstYear, middle - 1, 1) / DAY_MS];
  let shown = 0;
  for (let i = 0; i < count; i++) {
    const month = fields.month[i] ?? 1;
    const half = month < middle ? 0 : 1;
    const first = begins[half] ?? 0;
    const place = (fields.day[i] ?? 0) - first + weekdayOf(first);
    const y = TOP + Math.floor(place / 7) * pitch;
    if (month !== shown) labels.push({ x: half * block, y: y + pitch - 4, text: "", month });
    shown = month;
    xs.push(LEFT + half * block + (place % 7) * pitch);
    ys.push(y);
  }
  return { kind: "years", pitch, xs, ys, labels };
}

/**
 * Days across and hours down, in as many bands as it takes.
 * @param length of the usual interval, in milliseconds: a row for each that a day has
 */
function planHours(fields: Fields, width: number, length: number): Plan {
  const step = Math.max(1, Math.round(length / HOUR));
  const pitch = 13;
  const across = Math.max(1, Math.floor((width - LEFT) / pitch));
  const first = fields.day[0] ?? 0;
  const [xs, ys]: [number[], number[]] = [[], []];
  const labels: HeatLabel[] = [];
  const places: { band: number; column: number; row: number }[] = [];
  let [shownDay, below, rows] = [Number.NaN, -1, 0];
  for (let i = 0; i < fields.count; i++) {
    const day = fields.day[i] ?? 0;
    if (day !== shownDay) below = -1;
    shownDay = day;
    // The hour that a clock shows twice in autumn lies below the first.
    const row = Math.max(Math.floor((fields.hour[i] ?? 0) / step), below + 1);
    below = row;
    rows = Math.max(rows, row + 1);
    places.push({ band: Math.floor((day - first) / across), column: (day - first) % across, row });
  }
  const band = rows * pitch + TOP + GAP;
  let [shownBand, shownMonth] = [-1, ""];
  places.forEach(({ band: number, column, row }, i) => {
    const top = TOP + number * band;
    const x = LEFT + column * pitch;
    const year = fields.year[i] ?? 0;
    const month = fields.month[i] ?? 0;
    if (number !== shownBand) {
      labels.push({ x: 0, y: top + pitch, text: String(year), month: null });
      shownBand = number;
    }
    if (`${year} ${month}` !== shownMonth) labels.push({ x, y: top - 5, text: "", month });
    shownMonth = `${year} ${month}`;
    xs.push(x);
    ys.push(top + row * pitch);
  });
  return { kind: "hours", pitch, xs, ys, labels };
}

/** One day: its hours across, what begins within the same hour one below the other. */
function planDay(fields: Fields, times: readonly number[], zone: string, width: number): Plan {
  const [wall = 0] = wallTimes(times.slice(0, 1), zone);
  const midnight = (times[0] ?? 0) - (wall - Math.floor(wall / DAY_MS) * DAY_MS);
  const hourOf = (at: number) => Math.floor((at - midnight) / HOUR);
  const columns = Math.max(24, hourOf(times.at(-1) ?? midnight) + 1);
  const pitch = clamp((width - 4) / columns, LEAST, 22);
  const [xs, ys]: [number[], number[]] = [[], []];
  const labels: HeatLabel[] = [];
  const filled = new Map<number, number>();
  times.forEach((at, i) => {
    const column = hourOf(at);
    const row = filled.get(column) ?? 0;
    filled.set(column, row + 1);
    const hour = fields.hour[i] ?? 0;
    if (row === 0 && hour % 6 === 0 && labels.at(-1)?.text !== String(hour)) {
      labels.push({ x: column * pitch, y: TOP - 5, text: String(hour), month: null });
    }
    xs.push(column * pitch);
    ys.push(TOP + row * pitch);
  });
  return { kind: "day", pitch, xs, ys, labels };
}

/** A row for each year; on narrow screens a column for each, weeks going down. */
function planWeeks(fields: Fields, width: number): Plan {
  const { firstYear } = fields;
  const tall = isNarrow(width);
  const pitch = tall ? 12 : clamp((width - LEFT) / WEEKS, LEAST, 15);
  const stride = tall ? 32 : pitch;
  const labels: HeatLabel[] = [];
  const [xs, ys]: [number[], number[]] = [[], []];
  const months = new Map<number, HeatLabel>();
  let shown = 0;
  for (let i = 0; i < fields.count; i++) {
    const year = fields.year[i] ?? 0;
    const month = fields.month[i] ?? 0;
    const week = Math.floor(((fields.day[i] ?? 0) - newYear(year)) / 7);
    const place = year - firstYear;
    const [x, y] = tall
      ? [LEFT + place * stride, TOP + week * pitch]
      : [LEFT + week * pitch, TOP + place * pitch];
    if (year !== shown) {
      const at = tall ? { x, y: TOP - 5 } : { x: 0, y: y + pitch - 4 };
      labels.push({ ...at, text: String(year), month: null });
      shown = year;
    }
    const label = tall ? { x: 0, y: y + pitch - 2 } : { x, y: TOP - 5 };
    const known = months.get(month);
    if (known === undefined) months.set(month, { ...label, text: "", month });
    else if (tall) known.y = Math.min(known.y, label.y);
    else known.x = Math.min(known.x, label.x);
    xs.push(x);
    ys.push(y);
  }
  return { kind: "weeks", pitch, xs, ys, labels: [...labels, ...months.values()] };
}

/** A row for each year and a column for each month. */
function planMonths(fields: Fields, width: number): Plan {
  const pitch = clamp((width - LEFT) / 12, LEAST, 28);
  const labels = new Map<string, HeatLabel>();
  const [xs, ys]: [number[], number[]] = [[], []];
  for (let i = 0; i < fields.count; i++) {
    const year = fields.year[i] ?? 0;
    const month = fields.month[i] ?? 0;
    const [x, y] = [LEFT + (month - 1) * pitch, TOP + (year - fields.firstYear) * pitch];
    labels.set(`y${year}`, { x: 0, y: y + pitch - 8, text: String(year), month: null });
    labels.set(`m${month}`, { x, y: TOP - 5, text: "", month });
    xs.push(x);
    ys.push(y);
  }
  return { kind: "months", pitch, xs, ys, labels: [...labels.values()] };
}

/** One after the other, like words on a page. */
export function planSequence(count: number, width: number): Plan {
  const pitch = count > 2_000 ? 12 : count > 200 ? 15 : 20;
  const columns = Math.max(1, Math.floor((Math.max(156, width) - LEFT) / pitch));
  const labels: HeatLabel[] = [];
  const [xs, ys]: [number[], number[]] = [[], []];
  for (let n = 0; n < count; n++) {
    const column = n % columns;
    const row = Math.floor(n / columns);
    if (column === 0 && row % 5 === 0) {
      labels.push({ x: 0, y: 4 + (row + 1) * pitch - 5, text: String(n + 1), month: null });
    }
    xs.push(LEFT + column * pitch);
    ys.push(4 + row * pitch);
  }
  return { kind: "sequence", pitch, xs, ys, labels };
}

/**
 * Places intervals of one kind.
 * @param times  starts in the order of time, in milliseconds since 1970
 * @param width  pixels there are; the result may be wider where cells would become too small
 * @param length of the usual interval, in milliseconds
 */
export function planOf(
  kind: HeatKind,
  times: readonly number[],
  zone: string,
  width: number,
  length: number,
): Plan {
  if (kind === "sequence") return planSequence(times.length, width);
  const fields = fieldsOf(times, zone);
  switch (kind) {
    case "day":
      return planDay(fields, times, zone, width);
    case "hours":
      return planHours(fields, width, length);
    case "years":
      return isNarrow(width) ? planTallYears(fields, width) : planYears(fields, width);
    case "weeks":
      return planWeeks(fields, width);
    case "months":
      return planMonths(fields, width);
  }
}
