/** Calendar fields of many instants in a zone, for maps of thousands of cells. */

const DAY = 86_400_000;
/**
 * Between two instants no further apart than this that have one offset, the offset does not change.
 * The shortest time for which any zone has left its offset since 1970 is that of the fasting month.
 */
const STEADY_MS = 14 * DAY;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Writes nothing but a date and the offset: a fifth of the time that all fields would take. */
function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
  formats.set(zone, made);
  return made;
}

const written = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/;

/** How far the wall clock of a zone is ahead of UTC at an instant, in milliseconds. */
export function offsetAt(at: number, zone: string): number {
  const [, sign, hours = "0", minutes = "0", seconds = "0"] =
    written.exec(formatOf(zone).format(at)) ?? [];
  const size = (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000;
  return sign === "-" ? -size : size;
}

/**
 * Wall-clock times of instants: read as if they were UTC, they have the fields of the zone.
 * @param times milliseconds since 1970, ascending
 * @returns as many milliseconds
 */
export function wallTimes(times: readonly number[], zone: string): Float64Array {
  const walls = Float64Array.from(times);
  if (zone === "UTC" || times.length === 0) return walls;
  const at = (index: number) => times[index] ?? 0;
  const shift = (from: number, to: number, offset: number) => {
    for (let i = from; i <= to; i++) walls[i] = at(i) + offset;
  };
  /** The offsets of both ends are known; halves the stretch until they are all the same. */
  const fill = (from: number, to: number, first: number, last: number): void => {
    if (to - from <= 1 || (first === last && at(to) - at(from) <= STEADY_MS)) {
      shift(from, to - 1, first);
      walls[to] = at(to) + last;
      return;
    }
    const middle = (from + to) >> 1;
    const offset = offsetAt(at(middle), zone);
    fill(from, middle, first, offset);
    fill(middle, to, offset, last);
  };
  const end = times.length - 1;
  fill(0, end, offsetAt(at(0), zone), offsetAt(at(end), zone));
  return walls;
}
