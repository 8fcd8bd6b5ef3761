/** Intervals longer than a day: weeks and months of years. */
import {
  clamp,
  type Fields,
  type HeatLabel,
  isNarrow,
  LEAST,
  LEFT,
  newYear,
  type Plan,
  TOP,
  WEEKS,
} from "./heat-plan.ts";

/** A row for each year; on narrow screens a column for each, weeks going down. */
export function planWeeks(fields: Fields, width: number): Plan {
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
export function planMonths(fields: Fields, width: number): Plan {
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
