/** Days by week and weekday, a block for each year. */
import {
  clamp,
  DAY_MS,
  EASY_HEIGHT,
  type Fields,
  GAP,
  type HeatLabel,
  LEAST,
  LEFT,
  MOST,
  newYear,
  type Plan,
  SCREEN_HEIGHT,
  TOP,
  WEEKS,
  weekdayOf,
} from "./heat-plan.ts";

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
export function planYears(fields: Fields, width: number): Plan {
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
export function planTallYears(fields: Fields, width: number): Plan {
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
