import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCron } from "../schedule/cron.ts";
import { spanOf, type TickClock } from "../schedule/ticks.ts";
import { zoneClock } from "../schedule/zone.ts";
import { cutRange, type Range } from "./intervals.ts";
import { type BackfillStep, MAX_ROWS } from "./states.ts";

const DAY_MS = 86_400_000;

function clockOf(pattern: string, timezone: string): TickClock {
  const read = readCron(pattern);
  if (!read.ok) throw new Error(read.fault.message);
  return { cron: read.cron, timezone, start: null, end: null };
}

function range(
  from: string,
  to: string,
  step: BackfillStep,
  timezone = "UTC",
  pattern?: string,
): Range {
  const zone = zoneClock(timezone);
  const at = (text: string) => zone.instantOf(Date.parse(`${text.padEnd(16, "T00:00")}Z`));
  const clock = pattern === undefined ? null : clockOf(pattern, timezone);
  return { from: at(from), to: at(to), step, timezone, clock };
}

const isoSpans = (given: Range) =>
  cutRange(given).map(({ start, end }) => [start, end].map((at) => new Date(at).toISOString()));

describe("cutting a range", () => {
  it.each([
    {
      why: "four years with a leap day",
      given: range("2012-01-01", "2016-01-01", "day", "America/Los_Angeles"),
      count: 1_461,
      first: ["2012-01-01T08:00:00.000Z", "2012-01-02T08:00:00.000Z"],
      last: ["2015-12-31T08:00:00.000Z", "2016-01-01T08:00:00.000Z"],
    },
    {
      why: "the schedule's own intervals that start in the range, whole",
      given: range("2012-01-01", "2016-01-01", "schedule", "Asia/Seoul", "0 2 * * *"),
      count: 1_461,
      first: ["2011-12-31T17:00:00.000Z", "2012-01-01T17:00:00.000Z"],
      last: ["2015-12-30T17:00:00.000Z", "2015-12-31T17:00:00.000Z"],
    },
    {
      why: "days of 23 hours where clocks go forward",
      given: range("2024-03-10", "2024-03-11", "day", "America/New_York"),
      count: 1,
      first: ["2024-03-10T05:00:00.000Z", "2024-03-11T04:00:00.000Z"],
      last: ["2024-03-10T05:00:00.000Z", "2024-03-11T04:00:00.000Z"],
    },
    {
      why: "25 hours that pass on a day when clocks go back",
      given: range("2024-11-03", "2024-11-04", "hour", "America/New_York"),
      count: 25,
      first: ["2024-11-03T04:00:00.000Z", "2024-11-03T05:00:00.000Z"],
      last: ["2024-11-04T04:00:00.000Z", "2024-11-04T05:00:00.000Z"],
    },
    {
      why: "the last week reaches beyond the range",
      given: range("2024-01-01", "2024-01-10", "week"),
      count: 2,
      first: ["2024-01-01T00:00:00.000Z", "2024-01-08T00:00:00.000Z"],
      last: ["2024-01-08T00:00:00.000Z", "2024-01-15T00:00:00.000Z"],
    },
    {
      why: "a month that lacks the day has its last one",
      given: range("2024-01-31", "2024-04-01", "month"),
      count: 3,
      first: ["2024-01-31T00:00:00.000Z", "2024-02-29T00:00:00.000Z"],
      last: ["2024-03-31T00:00:00.000Z", "2024-04-30T00:00:00.000Z"],
    },
    {
      why: "Samoa had no 30 December 2011",
      given: range("2011-12-28", "2012-01-01", "day", "Pacific/Apia"),
      count: 3,
      first: ["2011-12-28T10:00:00.000Z", "2011-12-29T10:00:00.000Z"],
      last: ["2011-12-30T10:00:00.000Z", "2011-12-31T10:00:00.000Z"],
    },
  ])("$why", ({ given, count, first, last }) => {
    const spans = isoSpans(given);
    expect(spans).toHaveLength(count);
    expect(spans[0]).toEqual(first);
    expect(spans.at(-1)).toEqual(last);
  });

  it.each([
    { why: "an empty range", given: range("2024-01-01", "2024-01-01", "day") },
    { why: "a range backwards", given: range("2024-01-02", "2024-01-01", "day") },
    {
      why: "a range between two ticks",
      given: range("2024-01-01", "2024-01-02", "schedule", "UTC", "0 0 1 6 *"),
    },
    {
      why: "more hours than a backfill may have",
      given: range("2000-01-01", "2024-01-01", "hour"),
    },
  ])("refuses $why", ({ given }) => {
    expect(() => cutRange(given)).toThrow(expect.objectContaining({ code: "INVALID_INPUT" }));
  });
});

const zones = [
  "UTC",
  "America/New_York",
  "Europe/Berlin",
  "Australia/Lord_Howe",
  "Asia/Seoul",
  "America/Sao_Paulo",
  "Pacific/Apia",
];
const patterns = [
  "0 2 * * *",
  "30 2 * * *",
  "*/15 * * * *",
  "0 0 1 * *",
  "5 4 * * 1-5",
  "30 1,2,3 * * *",
];
const longest: Record<BackfillStep, number> = {
  schedule: 120 * DAY_MS,
  hour: 60 * DAY_MS,
  day: 800 * DAY_MS,
  week: 2_000 * DAY_MS,
  month: 4_000 * DAY_MS,
};

const ranges = fc
  .record({
    // Minutes, so that ranges begin inside of hours that are skipped or come twice.
    from: fc
      .integer({ min: Date.UTC(2000, 0, 1) / 60_000, max: Date.UTC(2026, 0, 1) / 60_000 })
      .map((minutes) => minutes * 60_000),
    share: fc.double({ min: 0.01, max: 1, noNaN: true }),
    step: fc.constantFrom<BackfillStep>("schedule", "hour", "day", "week", "month"),
    timezone: fc.constantFrom(...zones),
    pattern: fc.constantFrom(...patterns),
  })
  .map(({ from, share, step, timezone, pattern }): Range => {
    const to = from + Math.ceil(share * longest[step]);
    const clock = step === "schedule" ? clockOf(pattern, timezone) : null;
    return { from, to, step, timezone, clock };
  });

function cutOrNone(given: Range) {
  try {
    return cutRange(given);
  } catch {
    return null; // between two ticks: nothing to cut
  }
}

describe("whatever the range", () => {
  it("has intervals without gap or overlap, and all that start in it", () => {
    fc.assert(
      fc.property(ranges, (given) => {
        const spans = cutOrNone(given);
        if (spans === null) return;
        const misplaced = spans.filter(({ start, end }, index) => {
          const isInside = start >= given.from && start < given.to;
          const touches = index === 0 || start === spans[index - 1]?.end;
          return end <= start || !isInside || !touches;
        });
        expect(misplaced).toEqual([]);
        expect(spans.at(-1)?.end).toBeGreaterThanOrEqual(given.to);
        if (given.step !== "schedule") expect(spans[0]?.start).toBe(given.from);
        expect(spans.length).toBeLessThanOrEqual(MAX_ROWS);
      }),
      { numRuns: 150 },
    );
  });

  it("has the intervals that the ticks of the schedule have", () => {
    fc.assert(
      fc.property(ranges, (given) => {
        const { clock } = given;
        const spans = clock === null ? null : cutOrNone(given);
        if (clock === null || spans === null) return;
        for (const span of spans) expect(spanOf(clock, span.end)).toEqual(span);
        // The tick before the first one lies before the range.
        const before = spanOf(clock, spans[0]?.start ?? 0);
        expect(before?.start).toBeLessThan(given.from);
      }),
      { numRuns: 150 },
    );
  });

  it("keeps the time of day on the wall wherever the wall shows it", () => {
    fc.assert(
      fc.property(ranges, (given) => {
        const spans = given.step === "day" || given.step === "week" ? cutRange(given) : [];
        const zone = zoneClock(given.timezone);
        const anchor = zone.wallTime(given.from);
        const unit = given.step === "week" ? 7 * DAY_MS : DAY_MS;
        for (const { end } of spans) {
          const wall = zone.wallTime(end);
          const wanted = wall - ((wall - anchor) % unit);
          // A time that was skipped is the moment of the change: the wall jumps across it there.
          if (wall !== wanted) expect(zone.wallTime(end - 1)).toBeLessThan(wanted);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("can be cut in two at any interval of a schedule, and gives the same", () => {
    fc.assert(
      fc.property(ranges, fc.nat(), (given, cut) => {
        const spans = given.step === "schedule" || given.step === "hour" ? cutOrNone(given) : null;
        if (spans === null) return;
        const at = spans[cut % spans.length]?.start ?? 0;
        const [before, after] = [
          cutOrNone({ ...given, to: at }) ?? [],
          cutRange({ ...given, from: at }),
        ];
        if (at > given.from) expect([...before, ...after]).toEqual(spans);
        else expect(after).toEqual(spans);
      }),
      { numRuns: 200 },
    );
  });
});
