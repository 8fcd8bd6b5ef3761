/** Where each interval of a heat map lies: pure, so that any range can be tested without a browser. */
import { zonedParts } from "#components/time/format.ts";

/** `years`: days by week and weekday, a band for each year. `hours`: days across, hours down. */
export type HeatKind = "hours" | "years" | "weeks" | "months" | "sequence";

export interface HeatLabel {
  x: number;
  y: number;
  /** A year, a day of the month, or the number of a row; a month is written by its name. */
  text: string;
  month: number | null;
}

export interface HeatLayout {
  kind: HeatKind;
  /** Distance from one cell to the next, in pixels; a cell leaves a gap of 1 or 2. */
  pitch: number;
  width: number;
  height: number;
  /** Left and top of each cell, by its place in the lists. */
  xs: number[];
  ys: number[];
  labels: HeatLabel[];
  /** The cell at a point, or -1. */
  at: (x: number, y: number) => number;
  /** The nearest cell in a direction, or the same one at the edge. */
  move: (from: number, dx: number, dy: number) => number;
  /** Places in the lists in the order of time. */
  order: number[];
}

const DAY = 86_400_000;
const LEFT = 36;
const TOP = 16;
const MOST = 15;
const LEAST = 8;

interface Slot {
  band: number;
  column: number;
  row: number;
}

interface Local {
  year: number;
  month: number;
  day: number;
  /** Days since 1970 on the wall calendar. */
  days: number;
  hour: number;
}

function localOf(at: number, zone: string): Local {
  if (zone === "UTC") {
    const date = new Date(at);
    const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
    return { year, month, day, days: Math.floor(at / DAY), hour: date.getUTCHours() };
  }
  const { year, month, day, time } = zonedParts(at, zone);
  const days = Date.UTC(year, month - 1, day) / DAY;
  return { year, month, day, days, hour: Number(time.slice(0, 2)) };
}

/** What the intervals are, by the length of the middle one. */
function kindOf(starts: readonly number[], ends: readonly number[]): HeatKind {
  const lengths = starts.map((start, i) => (ends[i] ?? start) - start).sort((a, b) => a - b);
  const middle = lengths[Math.floor(lengths.length / 2)] ?? 0;
  if (middle <= DAY / 12) return "hours";
  if (middle <= DAY * 1.5) return "years";
  if (middle <= DAY * 10) return "weeks";
  if (middle <= DAY * 45) return "months";
  return "sequence";
}

const weekdayOf = (days: number) => (days + 3) % 7;
const firstOf = (year: number) => Date.UTC(year, 0, 1) / DAY;

/** Bands, columns and rows of dated intervals; null when two would share a place. */
function slotsOf(kind: HeatKind, locals: readonly Local[], columns: number): Slot[] | null {
  const first = Math.min(...locals.slice(0, 1).map(({ days }) => days));
  const earliest = locals.reduce((low, { days }) => Math.min(low, days), first);
  const firstYear = locals.reduce((low, { year }) => Math.min(low, year), locals[0]?.year ?? 0);
  const hourOf = new Map<number, number>();
  const slots = locals.map(({ year, month, days, hour }): Slot => {
    if (kind === "hours") {
      // The hour that a clock shows twice in autumn lies below the first.
      const place = days - earliest;
      const shown = hourOf.get(days) ?? -1;
      const row = Math.max(hour, shown + 1);
      hourOf.set(days, row);
      return { band: Math.floor(place / columns), column: place % columns, row };
    }
    if (kind === "years") {
      const offset = weekdayOf(firstOf(year));
      const place = days - firstOf(year) + offset;
      return { band: year - firstYear, column: Math.floor(place / 7), row: place % 7 };
    }
    if (kind === "weeks") {
      return { band: 0, column: Math.floor((days - firstOf(year)) / 7), row: year - firstYear };
    }
    return { band: 0, column: month - 1, row: year - firstYear };
  });
  const taken = new Set(
    slots.map(({ band, column, row }) => (band * 1_000 + column) * 1_000 + row),
  );
  return taken.size === slots.length ? slots : null;
}

/**
 * Lays out intervals in a box. Two intervals that would share a place (a schedule that fires twice a
 * day) make it a plain sequence in the order of time.
 * @param starts milliseconds since 1970, in any order; null for sets of parameters
 * @param zone   zone whose calendar the bands follow
 * @param width  pixels there are; the result may be wider where cells would become too small
 * @param total  how many cells there are without dates
 */
export function layOut(
  starts: readonly number[] | null,
  ends: readonly number[] | null,
  zone: string,
  width: number,
  total = starts?.length ?? 0,
): HeatLayout {
  const count = starts?.length ?? total;
  const order = Array.from({ length: count }, (_, i) => i);
  if (starts !== null) order.sort((a, b) => (starts[a] ?? 0) - (starts[b] ?? 0));
  let kind = starts === null || ends === null ? "sequence" : kindOf(starts, ends);
  const room = Math.max(120, width - LEFT);
  const widest = kind === "years" || kind === "weeks" ? 54 : kind === "months" ? 12 : 0;
  const most = kind === "months" ? 28 : MOST;
  let pitch = widest === 0 ? 13 : Math.max(LEAST, Math.min(most, Math.floor(room / widest)));
  const across = Math.max(1, Math.floor(room / pitch));
  const locals = kind === "sequence" ? [] : order.map((i) => localOf(starts?.[i] ?? 0, zone));
  let slots = kind === "sequence" ? null : slotsOf(kind, locals, across);
  if (slots === null) {
    kind = "sequence";
    pitch = count > 2_000 ? 12 : count > 200 ? 15 : 20;
    const columns = Math.max(1, Math.floor(room / pitch));
    slots = order.map((_, n) => ({
      band: 0,
      column: n % columns,
      row: Math.floor(n / columns),
    }));
  }
  const rows = slots.reduce((high, { row }) => Math.max(high, row), 0) + 1;
  const labelled = kind === "hours" || kind === "years";
  const bandHeight = (kind === "years" ? 7 : rows) * pitch + (labelled ? TOP + 8 : 0);
  const top = labelled || kind === "months" ? TOP : 4;
  const xs = new Array<number>(count).fill(0);
  const ys = new Array<number>(count).fill(0);
  const places = new Map<string, number>();
  const yOf = ({ band, row }: Slot) => top + band * bandHeight + row * pitch;
  let right = 0;
  let bottom = 0;
  order.forEach((cell, n) => {
    const slot = slots[n];
    if (slot === undefined) return;
    const [x, y] = [LEFT + slot.column * pitch, yOf(slot)];
    xs[cell] = x;
    ys[cell] = y;
    right = Math.max(right, x + pitch);
    bottom = Math.max(bottom, y + pitch);
    places.set(`${x}/${y}`, cell);
  });

  const at = (x: number, y: number): number => {
    const column = LEFT + Math.floor((x - LEFT) / pitch) * pitch;
    const band = Math.max(0, Math.floor((y - top) / bandHeight));
    const start = top + (labelled ? band * bandHeight : 0);
    return places.get(`${column}/${start + Math.floor((y - start) / pitch) * pitch}`) ?? -1;
  };
  const move = (from: number, dx: number, dy: number): number => {
    const [x0, y0] = [xs[from] ?? 0, ys[from] ?? 0];
    let best = from;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < count; i++) {
      const along = dx * ((xs[i] ?? 0) - x0) + dy * ((ys[i] ?? 0) - y0);
      if (along <= 0) continue;
      const aside = Math.abs(dx === 0 ? (xs[i] ?? 0) - x0 : (ys[i] ?? 0) - y0);
      // Straight on first: what lies aside is taken only where nothing else is ahead.
      const cost = along + aside * 100;
      if (cost < least) [best, least] = [i, cost];
    }
    return best;
  };
  return {
    kind,
    pitch,
    width: Math.max(right, 160),
    height: bottom + 4,
    xs,
    ys,
    labels: labelsOf(kind, locals, slots, { pitch, yOf, across }),
    at,
    move,
    order,
  };
}

function labelsOf(
  kind: HeatKind,
  locals: readonly Local[],
  slots: readonly Slot[],
  { pitch, yOf }: { pitch: number; yOf: (slot: Slot) => number; across: number },
): HeatLabel[] {
  const labels: HeatLabel[] = [];
  const seen = new Set<string>();
  const add = (key: string, label: HeatLabel) => {
    if (seen.has(key)) return;
    seen.add(key);
    labels.push(label);
  };
  if (kind === "sequence") {
    slots.forEach(({ row }, n) => {
      if (row % 5 !== 0) return;
      const y = yOf({ band: 0, column: 0, row }) + pitch - 3;
      add(`row ${row}`, { x: 0, y, text: String(n + 1), month: null });
    });
    return labels;
  }
  locals.forEach(({ year, month }, n) => {
    const slot = slots[n];
    if (slot === undefined) return;
    const x = LEFT + slot.column * pitch;
    const stacked = kind === "weeks" || kind === "months";
    const head = yOf({ ...slot, row: 0 }) - 5;
    add(`year ${stacked ? year : slot.band}`, {
      x: 0,
      y: stacked ? yOf(slot) + pitch - 4 : head + 5 + pitch,
      text: String(year),
      month: null,
    });
    if (kind === "weeks") return;
    const months = stacked ? `month ${month}` : `month ${year} ${month}`;
    add(months, { x, y: head, text: "", month });
  });
  return labels;
}
