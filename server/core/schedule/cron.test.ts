import { Cron } from "croner";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lastWallTime, nextWallTime, readCron } from "./cron.ts";

describe("patterns that are refused", () => {
  it.each([
    { pattern: "", why: "empty" },
    { pattern: "* * * *", why: "four fields" },
    { pattern: "0 0 0 1 1 * 2030", why: "a year is no field here" },
    { pattern: "@daily", why: "a nickname" },
    { pattern: "60 * * * *", why: "no such minute" },
    { pattern: "0 24 * * *", why: "no such hour" },
    { pattern: "0 0 32 * *", why: "no such day" },
    { pattern: "0 0 * 13 *", why: "no such month" },
    { pattern: "0 0 * * 8", why: "no such weekday" },
    { pattern: "0 0 ? * *", why: "a sign of another dialect" },
    { pattern: "5-1 * * * *", why: "a range backwards" },
    { pattern: "*/0 * * * *", why: "a step that goes nowhere" },
    { pattern: "a b c d e", why: "words" },
    { pattern: `${"1,".repeat(150)}1 * * * *`, why: "too long to be meant" },
  ])("$pattern: $why", ({ pattern }) => {
    expect(readCron(pattern)).toMatchObject({
      ok: false,
      fault: { message: expect.stringMatching(/\.$/), fix: expect.stringMatching(/\.$/) },
    });
  });

  it.each([
    { pattern: "0 0 30 2 *", why: "February has no 30th" },
    { pattern: "0 0 31 2,4,6,9,11 *", why: "none of these months has a 31st" },
    { pattern: "0 0 0 31 4 *", why: "with seconds" },
    { pattern: "0 0 30W 2 *", why: "the weekday nearest to a day that is not there" },
    { pattern: "0 0 30 2 +1", why: "both days asked for, one impossible" },
  ])("$pattern can never match: $why", ({ pattern }) => {
    // Each minute is another pattern, so that nothing is remembered; a busy machine may delay some.
    const times = Array.from({ length: 10 }, (_, minute) => {
      const began = performance.now();
      readCron(pattern.replace("0", String(minute)));
      return performance.now() - began;
    });
    expect(Math.min(...times)).toBeLessThan(100);
    const read = readCron(pattern);
    expect(read).toEqual({
      ok: false,
      fault: {
        message: "The cron pattern matches no day of any year.",
        fix: "Choose a day that its month has.",
      },
    });
  });
});

describe("patterns that seldom match", () => {
  it.each([
    { pattern: "0 0 29 2 *", next: "2028-02-29T00:00Z", why: "leap years" },
    { pattern: "0 0 29 2 +1", next: "2044-02-29T00:00Z", why: "Mondays in leap years" },
    { pattern: "0 0 * 2 1#5", next: "2044-02-29T00:00Z", why: "a fifth Monday in February" },
    { pattern: "0 0 31 12 +5L", next: "2027-12-31T00:00Z", why: "a last Friday on the last day" },
  ])("$pattern: $why", ({ pattern, next }) => {
    const read = readCron(pattern);
    expect(read.ok && nextWallTime(read.cron, Date.UTC(2026, 0, 1))).toBe(Date.parse(next));
  });

  it("waits 40 years for a weekday on 29 February across 2100", () => {
    const read = readCron("0 0 29 2 +1");
    const before = Date.UTC(2072, 1, 29); // a Monday
    expect(read.ok && nextWallTime(read.cron, before)).toBe(Date.UTC(2112, 1, 29));
    expect(read.ok && lastWallTime(read.cron, Date.UTC(2112, 1, 28))).toBe(before);
  });
});

const number = (low: number, high: number) => fc.integer({ min: low, max: high });
const field = (low: number, high: number) =>
  fc.oneof(
    fc.constant("*"),
    number(low, high).map(String),
    number(2, high).map((step) => `*/${step}`),
    fc.tuple(number(low, high), number(low, high)).map(([a, b]) => {
      return `${Math.min(a, b)}-${Math.max(a, b)}`;
    }),
    fc.uniqueArray(number(low, high), { minLength: 2, maxLength: 4 }).map((all) => all.join(",")),
  );
const day = fc.oneof(field(1, 31), fc.constantFrom("L", "LW", "15W", "1,L"));
const weekday = fc.oneof(field(0, 6), fc.constantFrom("1#1", "5L", "MON-FRI", "SUN", "7", "2#3"));

describe("steps between matching times", () => {
  it("are those of croner in UTC, in both directions", () => {
    fc.assert(
      fc.property(
        fc.tuple(field(0, 59), field(0, 59), field(0, 23), day, field(1, 12), weekday),
        number(Date.UTC(2000, 0, 1), Date.UTC(2060, 0, 1)),
        (fields, from) => {
          const pattern = fields.join(" ");
          const read = readCron(pattern);
          const croner = new Cron(pattern, { utcOffset: 0, paused: true });
          const at = new Date(from);
          if (!read.ok) {
            expect(croner.nextRun(at), pattern).toBeNull();
            return;
          }
          expect(nextWallTime(read.cron, from), pattern).toBe(croner.nextRun(at)?.getTime());
          expect(lastWallTime(read.cron, from - 1), pattern).toBe(
            croner.previousRuns(1, at)[0]?.getTime(),
          );
        },
      ),
      { numRuns: 500 },
    );
  }, 60_000);
});
