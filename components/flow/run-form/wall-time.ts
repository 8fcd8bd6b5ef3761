/** Between instants and what a clock on the wall of a time zone shows. */
import { TZDate } from "@date-fns/tz";
import { zonedParts } from "#components/time/format.ts";

const wallPattern = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2}))?$/;
const two = (value: number) => String(value).padStart(2, "0");

/**
 * The instant at which clocks in `zone` show `wall` (`2012-01-01T00:00`, as a date-time input gives it).
 * A time that the zone skips becomes the instant after the skip.
 * @returns ISO 8601 in UTC, or null when `wall` is not such a time
 */
export function instantOf(wall: string, zone: string): string | null {
  const match = wallPattern.exec(wall);
  if (match === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((field) => Number(field ?? 0));
  const date = new TZDate(year, month - 1, day, hour, minute, second, zone);
  return Number.isNaN(date.getTime()) ? null : new Date(date.getTime()).toISOString();
}

/** What clocks in `zone` show at an instant, to the second only where there are seconds. */
export function wallOf(instant: string, zone: string): string {
  const p = zonedParts(instant, zone);
  const time = p.time.endsWith(":00") ? p.time.slice(0, 5) : p.time;
  return `${String(p.year).padStart(4, "0")}-${two(p.month)}-${two(p.day)}T${time}`;
}

/** An instant written with the offset of `zone`, as JSON Schema's `date-time` wants it. */
export function withOffset(instant: string, zone: string): string {
  const p = zonedParts(instant, zone);
  const offset = p.offset === "UTC" ? "Z" : p.offset;
  return `${String(p.year).padStart(4, "0")}-${two(p.month)}-${two(p.day)}T${p.time}${offset}`;
}

export type Step = "hour" | "day" | "week" | "month";
export const steps: readonly Step[] = ["hour", "day", "week", "month"];

/** `wall` moved on by one step of the calendar (not of the clock: a day may have 23 hours). */
export function addStep(wall: string, step: Step): string | null {
  const match = wallPattern.exec(wall);
  if (match === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = match
    .slice(1)
    .map((field) => Number(field ?? 0));
  const date = new Date(0);
  date.setUTCFullYear(
    year,
    month - 1 + (step === "month" ? 1 : 0),
    day + (step === "day" ? 1 : step === "week" ? 7 : 0),
  );
  date.setUTCHours(hour + (step === "hour" ? 1 : 0), minute);
  return date.toISOString().slice(0, 16);
}
