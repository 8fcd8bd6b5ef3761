/** Intervals shorter than a day: hours of many days, or of one. */
import {
  clamp,
  DAY_MS,
  type Fields,
  GAP,
  type HeatLabel,
  HOUR,
  LEAST,
  LEFT,
  type Plan,
  TOP,
} from "./heat-plan.ts";
import { wallTimes } from "./zone-fields.ts";

/**
 * Days across and hours down, in as many bands as it takes.
 * @param length of the usual interval, in milliseconds: a row for each that a day has
 */
export function planHours(fields: Fields, width: number, length: number): Plan {
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
export function planDay(
  fields: Fields,
  times: readonly number[],
  zone: string,
  width: number,
): Plan {
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
