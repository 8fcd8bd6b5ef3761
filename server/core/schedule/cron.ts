import { Cron, CronPattern as Parsed } from "croner";

/**
 * A cron pattern as a set of wall-clock times, without a zone: croner reads the text and knows which
 * days match, the steps between matching times are taken here. A wall-clock time is given as the
 * milliseconds since 1970 that it would have in UTC.
 */
export interface CronPattern {
  readonly text: string;
  /** Ascending. */
  readonly seconds: readonly number[];
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /** By month, January first. */
  readonly months: readonly boolean[];
  /** @param dayMs midnight of the day */
  matchesDay(dayMs: number): boolean;
}

/** Why a pattern cannot be used, and what to do, each in one sentence. */
export interface CronFault {
  message: string;
  fix: string;
}

export type ReadCron = { ok: true; cron: CronPattern } | { ok: false; fault: CronFault };

const DAY_MS = 86_400_000;
const FIX = "Write five fields: minute, hour, day of month, month, day of week, such as 0 2 * * *.";
/** Longer patterns say nothing that a shorter one could not. */
const MAX_LENGTH = 200;
/** 28 years in a row without a century hold every combination of leap year and first weekday. */
const CYCLE = { from: Date.UTC(2001, 0, 1), to: Date.UTC(2029, 0, 1) };
/** The longest wait for a matching day: a weekday on 29 February, across a century without one. */
const SEARCH_DAYS = 41 * 366;

const known = new Map<string, ReadCron>();
const KNOWN_LIMIT = 5_000;

/**
 * Reads a cron pattern of five fields, or six with seconds first. Day of month and day of week both
 * given: either one is enough. `L`, `W` and `#` mean what croner says.
 * @returns a fault when the pattern is malformed or matches no day of any year
 */
export function readCron(text: string): ReadCron {
  const cached = known.get(text);
  if (cached !== undefined) return cached;
  const read = parse(text);
  const [oldest] = known.keys();
  if (known.size >= KNOWN_LIMIT && oldest !== undefined) known.delete(oldest);
  known.set(text, read);
  return read;
}

function parse(text: string): ReadCron {
  const fields = text.trim().split(/\s+/);
  if (text.length > MAX_LENGTH || (fields.length !== 5 && fields.length !== 6)) {
    return fault("A cron pattern has five fields, or six with seconds first.", FIX);
  }
  if (text.includes("?")) {
    return fault('A cron pattern must not contain "?".', "Write * instead of ?.");
  }
  try {
    const cron = patternOf(text, fields);
    if (everMatches(cron)) return { ok: true, cron };
  } catch (error) {
    // croner reports what is wrong with a pattern by throwing; its words name the field.
    const reason = error instanceof Error ? error.message : String(error);
    const cause = reason.replace(/^CronPattern: /, "").replace(/\.$/, "");
    return fault(`The cron pattern is not valid: ${cause}.`, FIX);
  }
  return fault("The cron pattern matches no day of any year.", "Choose a day that its month has.");
}

function fault(message: string, fix: string): ReadCron {
  return { ok: false, fault: { message, fix } };
}

function patternOf(text: string, fields: readonly string[]): CronPattern {
  const parsed = new Parsed(text.trim(), undefined, { mode: "5-or-6-parts" });
  const days = new Cron(`0 0 0 ${fields.slice(-3).join(" ")}`, { utcOffset: 0, paused: true });
  return {
    text,
    seconds: members(parsed.second),
    minutes: members(parsed.minute),
    hours: members(parsed.hour),
    months: parsed.month.map((flag) => flag !== 0),
    matchesDay: (dayMs) => days.match(new Date(dayMs)),
  };
}

function members(flags: readonly number[]): number[] {
  return flags.flatMap((flag, value) => (flag === 0 ? [] : [value]));
}

function everMatches(cron: CronPattern): boolean {
  const day = seekDay(cron, CYCLE.from, 1);
  return day !== null && day < CYCLE.to;
}

/** The first matching time after `wallMs`, or null when there is none within 41 years. */
export function nextWallTime(cron: CronPattern, wallMs: number): number | null {
  const from = Math.floor(wallMs / 1_000) * 1_000 + 1_000;
  const day = Math.floor(from / DAY_MS) * DAY_MS;
  if (isDay(cron, day)) {
    const time = timeAtOrAfter(cron, (from - day) / 1_000);
    if (time !== null) return day + time * 1_000;
  }
  const later = seekDay(cron, day + DAY_MS, 1);
  const first = timeAtOrAfter(cron, 0);
  return later === null || first === null ? null : later + first * 1_000;
}

/** The last matching time at or before `wallMs`, or null when there is none within 41 years. */
export function lastWallTime(cron: CronPattern, wallMs: number): number | null {
  const day = Math.floor(wallMs / DAY_MS) * DAY_MS;
  if (isDay(cron, day)) {
    const time = timeAtOrBefore(cron, Math.floor((wallMs - day) / 1_000));
    if (time !== null) return day + time * 1_000;
  }
  const earlier = seekDay(cron, day - DAY_MS, -1);
  const last = timeAtOrBefore(cron, DAY_MS / 1_000 - 1);
  return earlier === null || last === null ? null : earlier + last * 1_000;
}

function isDay(cron: CronPattern, dayMs: number): boolean {
  return cron.months[new Date(dayMs).getUTCMonth()] === true && cron.matchesDay(dayMs);
}

/** The first matching day from `dayMs` on, in steps of one day; months that never match are skipped. */
function seekDay(cron: CronPattern, dayMs: number, step: 1 | -1): number | null {
  const limit = dayMs + step * SEARCH_DAYS * DAY_MS;
  let at = dayMs;
  while (step === 1 ? at < limit : at > limit) {
    const date = new Date(at);
    const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
    if (cron.months[month] !== true) {
      at = step === 1 ? Date.UTC(year, month + 1, 1) : Date.UTC(year, month, 0);
    } else if (cron.matchesDay(at)) {
      return at;
    } else {
      at += step * DAY_MS;
    }
  }
  return null;
}

/** Second of the day of the first matching time that is not before `second`. */
function timeAtOrAfter(cron: CronPattern, second: number): number | null {
  const [hour, minute, rest] = split(second);
  for (const h of cron.hours) {
    if (h < hour) continue;
    for (const m of cron.minutes) {
      if (h === hour && m < minute) continue;
      const isSame = h === hour && m === minute;
      const s = isSame ? cron.seconds.find((value) => value >= rest) : cron.seconds[0];
      if (s !== undefined) return join(h, m, s);
    }
  }
  return null;
}

/** Second of the day of the last matching time that is not after `second`. */
function timeAtOrBefore(cron: CronPattern, second: number): number | null {
  const [hour, minute, rest] = split(second);
  for (const h of cron.hours.toReversed()) {
    if (h > hour) continue;
    for (const m of cron.minutes.toReversed()) {
      if (h === hour && m > minute) continue;
      const isSame = h === hour && m === minute;
      const s = isSame ? cron.seconds.findLast((value) => value <= rest) : cron.seconds.at(-1);
      if (s !== undefined) return join(h, m, s);
    }
  }
  return null;
}

function split(second: number): [hour: number, minute: number, second: number] {
  return [Math.floor(second / 3_600), Math.floor(second / 60) % 60, second % 60];
}

function join(hour: number, minute: number, second: number): number {
  return hour * 3_600 + minute * 60 + second;
}
