import { isMidnight, zonedParts } from "#components/time/format.ts";

const two = (value: number) => String(value).padStart(2, "0");

/** An interval in few characters: its date alone where it begins and ends at midnight. */
export function intervalText(start: number, end: number, zone: string): string {
  const p = zonedParts(start, zone);
  const date = `${p.year}-${two(p.month)}-${two(p.day)}`;
  const whole = isMidnight(p) && isMidnight(zonedParts(end, zone));
  return whole ? date : `${date} ${p.time.slice(0, 5)} ${p.offset}`;
}
