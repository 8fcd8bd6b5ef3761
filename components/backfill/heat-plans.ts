/**
 * How intervals of each length are placed: cells in the order of time, and what is written beside
 * them. Pure arithmetic over calendar fields.
 */
import { fieldsOf, type HeatKind, type HeatLabel, isNarrow, LEFT, type Plan } from "./heat-plan.ts";
import { planDay, planHours } from "./heat-plan-hours.ts";
import { planMonths, planWeeks } from "./heat-plan-weeks.ts";
import { planTallYears, planYears } from "./heat-plan-years.ts";

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
