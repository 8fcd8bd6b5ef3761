/**
 * The wall clock of an IANA zone, read from the platform's time zone data. Times of the wall clock
 * are milliseconds since 1970 as if they were UTC.
 */

/** A change of the offset from UTC, in milliseconds. */
interface Transition {
  at: number;
  before: number;
  after: number;
}

interface ZoneYear {
  /** Offset at the first instant of the year, UTC. */
  offset: number;
  transitions: readonly Transition[];
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** No zone is further from UTC, and none has moved its clocks by more at a time. */
const MOST_MS = 26 * HOUR_MS;
/** Years of one zone that are kept. */
const KEPT_YEARS = 400;

const clocks = new Map<string, ZoneClock>();

/**
 * The clock of a zone; the same object each time.
 * @throws RangeError when the platform does not know the zone
 */
export function zoneClock(zone: string): ZoneClock {
  const known = clocks.get(zone);
  if (known !== undefined) return known;
  const clock = new ZoneClock(zone);
  clocks.set(zone, clock);
  return clock;
}

export class ZoneClock {
  readonly #format: Intl.DateTimeFormat;
  readonly #years = new Map<number, ZoneYear>();

  constructor(zone: string) {
    this.#format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      calendar: "iso8601",
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  }

  /** What the clock on the wall shows at an instant. */
  wallTime(instant: number): number {
    return instant + this.#offsetAt(instant);
  }

  /**
   * The latest time that the clock on the wall has shown until an instant, that instant included.
   * It differs from `wallTime` while a clock that was put back shows times for the second time.
   */
  latestWallTime(instant: number): number {
    let latest = this.wallTime(instant);
    for (const { at, before } of this.#between(instant - MOST_MS, instant + 1)) {
      latest = Math.max(latest, at + before - 1);
    }
    return latest;
  }

  /**
   * The first instant at which the clock on the wall has reached a time. A time that is skipped is
   * reached when the clock is put forward; one that is shown twice is reached the first time.
   */
  instantOf(wallMs: number): number {
    const [from, to] = [wallMs - MOST_MS, wallMs + MOST_MS];
    let start = from;
    let offset = this.#offsetAt(from);
    for (const transition of this.#between(from, to)) {
      const candidate = Math.max(start, wallMs - offset);
      if (candidate < transition.at) return candidate;
      start = transition.at;
      offset = transition.after;
    }
    return Math.max(start, wallMs - offset);
  }

  #offsetAt(instant: number): number {
    const { offset, transitions } = this.#year(new Date(instant).getUTCFullYear());
    let current = offset;
    for (const { at, after } of transitions) if (at <= instant) current = after;
    return current;
  }

  /** Transitions in (from, to), in order. */
  *#between(from: number, to: number): Generator<Transition> {
    const last = new Date(to).getUTCFullYear();
    for (let year = new Date(from).getUTCFullYear(); year <= last; year++) {
      for (const transition of this.#year(year).transitions) {
        if (transition.at > from && transition.at < to) yield transition;
      }
    }
  }

  #year(year: number): ZoneYear {
    const known = this.#years.get(year);
    if (known !== undefined) return known;
    const read = this.#readYear(year);
    if (this.#years.size >= KEPT_YEARS) this.#years.clear();
    this.#years.set(year, read);
    return read;
  }

  /** No zone has changed its offset twice within a day, so one look at each day finds all changes. */
  #readYear(year: number): ZoneYear {
    const begin = Date.UTC(year, 0, 1);
    const end = Date.UTC(year + 1, 0, 1);
    const transitions: Transition[] = [];
    const offset = this.#readOffset(begin);
    // The first instant of a year may itself be a change; it belongs to this year.
    if (this.#readOffset(begin - 1_000) !== offset) {
      transitions.push({ at: begin, before: this.#readOffset(begin - 1_000), after: offset });
    }
    let [from, before] = [begin, offset];
    for (let day = begin; day < end; day += DAY_MS) {
      const until = Math.min(day + DAY_MS, end) - 1_000;
      const after = this.#readOffset(until);
      if (after !== before) {
        transitions.push({ at: this.#findChange(from, until, before), before, after });
      }
      [from, before] = [until, after];
    }
    return { offset, transitions };
  }

  /** The first whole second in (from, to] whose offset is not `before`. */
  #findChange(from: number, to: number, before: number): number {
    let [low, high] = [from / 1_000, to / 1_000];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.#readOffset(middle * 1_000) === before) low = middle;
      else high = middle;
    }
    return high * 1_000;
  }

  /** @param instant whole seconds */
  #readOffset(instant: number): number {
    const value = new Map<string, number>();
    for (const part of this.#format.formatToParts(instant)) {
      value.set(part.type, Number(part.value));
    }
    const of = (type: string) => value.get(type) ?? 0;
    const wall = Date.UTC(
      of("year"),
      of("month") - 1,
      of("day"),
      of("hour"),
      of("minute"),
      of("second"),
    );
    return wall - instant;
  }
}
