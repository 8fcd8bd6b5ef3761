/** Where each interval of a heat map lies: pure, so that any range can be tested without a browser. */
import { DAY_MS, type HeatKind, type HeatLabel, type Plan } from "./heat-plan.ts";
import { planOf, planSequence } from "./heat-plans.ts";

export interface HeatLayout {
  kind: HeatKind;
  /** Side of a cell with the gap after it (1 or 2), in pixels. */
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

/** Length of the middle interval by length. */
export function usualLength(starts: readonly number[], ends: readonly number[]): number {
  const lengths = Float64Array.from(starts, (start, i) => (ends[i] ?? start) - start).sort();
  return lengths[lengths.length >> 1] ?? 0;
}

function kindOf(length: number): HeatKind {
  if (length <= DAY_MS / 2) return "hours";
  if (length <= DAY_MS * 1.5) return "years";
  if (length <= DAY_MS * 10) return "weeks";
  if (length <= DAY_MS * 45) return "months";
  return "sequence";
}

/** Keys of places on a grid of one pitch; no two cells begin within one square of it. */
const keyOf = (x: number, y: number, pitch: number) =>
  Math.floor(x / pitch) * 65_536 + Math.floor(y / pitch);

/**
 * Lays out intervals in a box. Two intervals that would share a place (a schedule that fires twice a
 * day) make it a plain sequence in the order of time.
 * @param starts milliseconds since 1970, in any order; null for sets of parameters
 * @param zone   zone whose calendar the blocks follow
 * @param width  pixels there are; the result may be wider where cells would become too small
 * @param options.total how many cells there are without dates
 * @param options.kind  what they are, where their lengths do not say it
 */
export function layOut(
  starts: readonly number[] | null,
  ends: readonly number[] | null,
  zone: string,
  width: number,
  { total = starts?.length ?? 0, kind: asked }: { total?: number; kind?: HeatKind } = {},
): HeatLayout {
  const count = starts?.length ?? total;
  const order = orderOf(starts, count);
  const length = starts === null || ends === null ? null : usualLength(starts, ends);
  const kind = length === null ? "sequence" : (asked ?? kindOf(length));
  const times = starts === null ? order : order.map((i) => starts[i] ?? 0);
  let plan = planOf(kind, times, zone, width, length ?? 0);
  if (haveOnePlace(plan)) plan = planSequence(count, width);
  const { pitch, labels } = plan;
  const xs = new Array<number>(count).fill(0);
  const ys = new Array<number>(count).fill(0);
  let right = 0;
  let bottom = 0;
  for (let n = 0; n < count; n++) {
    const cell = order[n] ?? n;
    const x = plan.xs[n] ?? 0;
    const y = plan.ys[n] ?? 0;
    xs[cell] = x;
    ys[cell] = y;
    if (x + pitch > right) right = x + pitch;
    if (y + pitch > bottom) bottom = y + pitch;
  }
  // Not before somebody points at the map.
  let places: Map<number, number> | null = null;
  const at = (x: number, y: number): number => {
    places ??= placesOf(xs, ys, pitch);
    for (const [dx, dy] of [
      [0, 0],
      [pitch, 0],
      [0, pitch],
      [pitch, pitch],
    ] as const) {
      const cell = places.get(keyOf(x - dx, y - dy, pitch));
      if (cell === undefined) continue;
      const [left, top] = [xs[cell] ?? 0, ys[cell] ?? 0];
      if (x >= left && x < left + pitch && y >= top && y < top + pitch) return cell;
    }
    return -1;
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
    kind: plan.kind,
    pitch,
    width: Math.max(right, 160),
    height: bottom + 4,
    xs,
    ys,
    labels,
    at,
    move,
    order,
  };
}

/** Places in the lists in the order of time; nearly always that of the lists. */
function orderOf(starts: readonly number[] | null, count: number): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  if (starts === null || starts.every((start, i) => i === 0 || start >= (starts[i - 1] ?? 0))) {
    return order;
  }
  return order.sort((a, b) => (starts[a] ?? 0) - (starts[b] ?? 0));
}

/** Whether two cells coincide: in the order of time they are neighbours then. */
function haveOnePlace({ xs, ys }: Plan): boolean {
  return xs.some((x, n) => n > 0 && x === xs[n - 1] && ys[n] === ys[n - 1]);
}

/** Cells by the square of the grid in which they begin. */
function placesOf(
  xs: readonly number[],
  ys: readonly number[],
  pitch: number,
): Map<number, number> {
  return new Map(xs.map((x, cell) => [keyOf(x, ys[cell] ?? 0, pitch), cell]));
}
