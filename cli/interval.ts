/** Reads the interval of a run from dates and times as people write them. */
import { TZDate } from "@date-fns/tz";
import { addDays } from "date-fns/addDays";
import { Failure } from "./failure.ts";

const pattern =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?(Z|[+-]\d{2}:\d{2})?$/;

/**
 * @param text a date, or a date and time, with or without an offset
 * @param timezone IANA zone that a text without an offset is meant in
 * @throws Failure USAGE
 */
export function readInstant(text: string, timezone: string): TZDate {
  const wrong = () =>
    new Failure("USAGE", `"${text}" is no date and time.`, {
      fix: "Write 2012-01-05, 2012-01-05T06:00 or 2012-01-05T06:00:00+09:00.",
    });
  const match = pattern.exec(text);
  if (match === null) throw wrong();
  const [, year, month, day, hour = "0", minute = "0", second = "0", offset] = match;
  const parts = [year, month, day, hour, minute, second].map(Number);
  const [y = 0, m = 0, d = 0, h = 0, min = 0, s = 0] = parts;
  const valid = m >= 1 && m <= 12 && d >= 1 && d <= daysIn(y, m) && h <= 23 && min <= 59 && s <= 59;
  if (!valid) throw wrong();
  if (offset === undefined) return new TZDate(y, m - 1, d, h, min, s, timezone);
  const iso = `${year}-${month}-${day}T${pad(h)}:${pad(min)}:${pad(s)}${offset}`;
  return new TZDate(Date.parse(iso), timezone);
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}

export interface IntervalOptions {
  intervalStart?: string | undefined;
  intervalEnd?: string | undefined;
  timezone: string;
}

/**
 * The half-open interval, in UTC. Without an end it is one calendar day of the time zone.
 * @returns undefined when no start is given
 * @throws Failure USAGE
 */
export function readInterval(options: IntervalOptions): { start: string; end: string } | undefined {
  const { intervalStart, intervalEnd, timezone } = options;
  if (intervalStart === undefined) {
    if (intervalEnd === undefined) return undefined;
    throw new Failure("USAGE", "--interval-end needs --interval-start.");
  }
  const start = readInstant(intervalStart, timezone);
  const end = intervalEnd === undefined ? addDays(start, 1) : readInstant(intervalEnd, timezone);
  if (end.getTime() <= start.getTime()) {
    throw new Failure("USAGE", "The interval must end after it starts.");
  }
  return {
    start: new Date(start.getTime()).toISOString(),
    end: new Date(end.getTime()).toISOString(),
  };
}
