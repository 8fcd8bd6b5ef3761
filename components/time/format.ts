/**
 * Times and durations as parts: which message to use and its values. Words and order come from the
 * catalogue, so that the same code serves every locale, and nothing depends on the ICU version of the
 * server or the browser.
 */

export type ZoneMode = "utc" | "local" | "flow";
export const zoneModes: readonly ZoneMode[] = ["utc", "local", "flow"];

export interface ZonedParts {
  year: number;
  month: number;
  day: number;
  /** `HH:mm:ss`, 24 hours. */
  time: string;
  /** Milliseconds within the second. */
  millisecond: number;
  /** `UTC` or `+09:00`. */
  offset: string;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "longOffset",
  });
  formats.set(zone, made);
  return made;
}

/** True when `zone` is an IANA name this runtime knows. */
export function isZone(zone: string): boolean {
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
}

/** The fields of an instant (ISO 8601 or epoch milliseconds) in a zone. An unknown zone reads as UTC. */
export function zonedParts(at: string | number, zone: string): ZonedParts {
  const date = new Date(at);
  // Lists of many rows are mostly in UTC, whose fields take no look at a calendar of zones.
  if (zone === "UTC" || !isZone(zone)) return utcParts(date);
  const format = formatOf(zone);
  const fields: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
  for (const part of format.formatToParts(date)) fields[part.type] = part.value;
  // Runtimes write no offset at all or a zero one for the same thing.
  const offset = (fields.timeZoneName ?? "").replace("GMT", "").replace(/^[+-]00:00$/, "");
  return {
    year: Number(fields.year),
    month: Number(fields.month),
    day: Number(fields.day),
    time: `${fields.hour}:${fields.minute}:${fields.second}`,
    millisecond: date.getUTCMilliseconds(),
    offset: offset === "" ? "UTC" : offset,
  };
}

function utcParts(date: Date): ZonedParts {
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    time: date.toISOString().slice(-13, -5),
    millisecond: date.getUTCMilliseconds(),
    offset: "UTC",
  };
}

const two = (value: number) => String(value).padStart(2, "0");

/** `2026-03-08 02:30:00+09:00`: unambiguous, for titles and copying. */
export function isoText({ year, month, day, time, offset }: ZonedParts): string {
  return `${year}-${two(month)}-${two(day)} ${time}${offset === "UTC" ? "Z" : offset}`;
}

/** An instant as `isoText` writes it in a zone. */
export function zonedIso(at: string | number, zone: string): string {
  return isoText(zonedParts(at, zone));
}

/** True when the instant is midnight in its zone, so that the date says it all. */
export function isMidnight({ time, millisecond }: ZonedParts): boolean {
  return time === "00:00:00" && millisecond === 0;
}

export type DurationParts =
  | { key: "milliseconds"; values: { ms: string } }
  | { key: "seconds"; values: { s: string } }
  | { key: "minutes"; values: { m: string; s: string } }
  | { key: "hours"; values: { h: string; m: string } }
  | { key: "days"; values: { d: string; h: string } };

/**
 * A length of time in its two largest units.
 * @param ms milliseconds; negative counts as zero, since clocks of two machines may differ a little
 */
export function durationParts(ms: number): DurationParts {
  const whole = Math.max(0, Math.round(ms));
  if (whole < 1_000) return { key: "milliseconds", values: { ms: String(whole) } };
  // Rounded down from here on: a task that has run 59.9 s has not yet run a minute.
  if (whole < 10_000)
    return { key: "seconds", values: { s: (Math.floor(whole / 100) / 10).toFixed(1) } };
  const seconds = Math.floor(whole / 1_000);
  if (seconds < 60) return { key: "seconds", values: { s: String(seconds) } };
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) {
    return { key: "minutes", values: { m: String(minutes), s: two(seconds % 60) } };
  }
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return { key: "hours", values: { h: String(hours), m: two(minutes % 60) } };
  return { key: "days", values: { d: String(Math.floor(hours / 24)), h: String(hours % 24) } };
}

export type AgoParts = { key: "now" } | { key: "s" | "m" | "h" | "d"; value: number };

/** How long ago, in one unit. The future counts as now. */
export function agoParts(at: string | number, now: number): AgoParts {
  const seconds = Math.floor((now - new Date(at).getTime()) / 1_000);
  if (seconds < 5) return { key: "now" };
  if (seconds < 60) return { key: "s", value: seconds };
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return { key: "m", value: minutes };
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return { key: "h", value: hours };
  return { key: "d", value: Math.floor(hours / 24) };
}
