import { AppError } from "../errors.ts";
import { nextTick, type Span, type TickClock } from "../schedule/ticks.ts";
import { zoneClock } from "../schedule/zone.ts";
import { type BackfillStep, MAX_ROWS } from "./states.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A range of dates to be cut into intervals. Instants are milliseconds since 1970. */
export interface Range {
  from: number;
  to: number;
  step: BackfillStep;
  /** IANA zone whose days, weeks and months are meant. */
  timezone: string;
  /** The ticks of `step: "schedule"`, without start and end; null for any other step. */
  clock: TickClock | null;
}

/**
 * Cuts a range into whole intervals that lie edge to edge: all that start in [from, to). The last
 * one may reach beyond `to`. Days, weeks and months keep the time of day and the day of month of
 * `from` on the wall clock of the zone; a day that a month lacks is its last one; a time that is
 * skipped when clocks go forward is the moment of the change. Hours are hours that pass.
 * @throws AppError INVALID_INPUT for an empty range, or more than MAX_ROWS intervals
 */
export function cutRange(range: Range): Span[] {
  const { from, to } = range;
  if (from >= to) {
    throw new AppError("INVALID_INPUT", "The range must end after it starts.", {
      fix: "Choose a later `to`: it is not part of the range itself.",
    });
  }
  const spans: Span[] = [];
  let start: number | null = null;
  for (const boundary of boundariesOf(range)) {
    if (start !== null) spans.push({ start, end: boundary });
    if (boundary >= to) break;
    if (spans.length >= MAX_ROWS) refuseMany();
    start = boundary;
  }
  if (spans.length === 0) {
    throw new AppError("INVALID_INPUT", "No interval starts in the range.", {
      fix: "Choose a longer range or a shorter step.",
    });
  }
  return spans;
}

/** @throws AppError INVALID_INPUT */
export function refuseMany(): never {
  throw new AppError("INVALID_INPUT", `A backfill has at most ${MAX_ROWS} intervals.`, {
    fix: "Choose a shorter range or a longer step.",
  });
}

/** Where intervals meet, ascending without end, from the first that is not before `from`. */
function* boundariesOf({ from, step, timezone, clock }: Range): Generator<number> {
  if (step === "schedule") {
    if (clock === null) throw new Error("a schedule's step without its clock");
    let tick = nextTick(clock, from - 1);
    while (tick !== null) {
      yield tick;
      tick = nextTick(clock, tick);
    }
    return;
  }
  yield from;
  const zone = zoneClock(timezone);
  const anchor = zone.wallTime(from);
  let last = from;
  for (let count = 1; ; count++) {
    const boundary =
      step === "hour" ? from + count * HOUR_MS : zone.instantOf(addUnits(anchor, step, count));
    // A day that a zone left out, as Samoa did in 2011, makes no interval of its own.
    if (boundary <= last) continue;
    yield boundary;
    last = boundary;
  }
}

/** A time of the wall clock, `count` units later; always counted from the anchor. */
function addUnits(anchor: number, step: "day" | "week" | "month", count: number): number {
  if (step !== "month") return anchor + count * DAY_MS * (step === "week" ? 7 : 1);
  const at = new Date(anchor);
  const [year, month] = [at.getUTCFullYear(), at.getUTCMonth() + count];
  const day = Math.min(at.getUTCDate(), new Date(Date.UTC(year, month + 1, 0)).getUTCDate());
  return Date.UTC(year, month, day) + (anchor - Math.floor(anchor / DAY_MS) * DAY_MS);
}
