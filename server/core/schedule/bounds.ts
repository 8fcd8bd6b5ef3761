import { zoneClock } from "./zone.ts";

const BOUND =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)(Z|[+-]\d{2}:\d{2})?)?$/;

/**
 * Reads the start or end of a schedule: a date (midnight), a date and time on the wall clock of the
 * schedule's zone, or an instant with its offset.
 * @param timezone a valid IANA zone
 * @returns milliseconds since 1970, or null when the text is none of these
 */
export function readBound(text: string, timezone: string): number | null {
  const [, day, time = "00:00", offset] = BOUND.exec(text) ?? [];
  if (day === undefined) return null;
  const asUtc = Date.parse(`${day}T${time}Z`);
  // JavaScript takes 30 February for 1 March.
  const isReal = new Date(`${day}T00:00Z`).toJSON()?.slice(0, 10) === day;
  if (Number.isNaN(asUtc) || !isReal) return null;
  if (offset === undefined) return zoneClock(timezone).instantOf(asUtc);
  const instant = Date.parse(`${day}T${time}${offset}`);
  return Number.isNaN(instant) ? null : instant;
}
