import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clockOf } from "./testing/clock.ts";
import { oracleTicks } from "./testing/tick-oracle.ts";
import { lastTick, nextTick, spanOf, ticksBetween } from "./ticks.ts";

const patterns = [
  "0 2 * * *",
  "30 2 * * *",
  "0 0 * * *",
  "45 1 * * *",
  "15 3 * * *",
  "0 * * * *",
  "*/15 * * * *",
  "7,37 0-4 * * *",
  "0 */6 * * *",
  "30 1,2,3 * * *",
  "0 9 * * 1-5",
  "30 2 * * 0",
  "0 0 1 * *",
  "0 0 31 * *",
  "15 2 8,29 3 *",
  "0 12 1-7 * 1",
  "59 23 31 12 *",
  "0 0 29 2 *",
  "30 0 15 2,10,11 6",
  "5 4 1,15 * 7",
];

const zones = [
  { zone: "America/New_York", from: 2022 },
  { zone: "Europe/Berlin", from: 2022 },
  { zone: "Australia/Lord_Howe", from: 2022 },
  { zone: "Asia/Seoul", from: 1985 },
  { zone: "America/Sao_Paulo", from: 2015 },
];

describe("five years of ticks", () => {
  it("has 20 patterns", () => expect(new Set(patterns).size).toBe(20));

  it.each(zones)(
    "$zone from $from agree with a clock watched by the minute",
    ({ zone, from }) => {
      const [first, end] = [Date.UTC(from, 0, 1), Date.UTC(from + 5, 0, 1)];
      for (const [index, ticks] of oracleTicks(patterns, zone, first, end).entries()) {
        const pattern = patterns[index] ?? "";
        const got = [...ticksBetween(clockOf(pattern, zone), first, end)];
        expect(got.length, pattern).toBe(ticks.length);
        const at = got.findIndex((tick, place) => tick !== ticks[place]);
        expect(at < 0 ? null : new Date(got[at] ?? 0).toISOString(), pattern).toBeNull();
      }
    },
    60_000,
  );
});

const field = (low: number, high: number) =>
  fc.oneof(
    fc.constant("*"),
    fc.integer({ min: low, max: high }).map(String),
    fc
      .tuple(fc.integer({ min: low, max: high }), fc.integer({ min: low, max: high }))
      .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
    fc
      .uniqueArray(fc.integer({ min: low, max: high }), { minLength: 2, maxLength: 4 })
      .map((values) => values.join(",")),
  );

const anyPattern = fc
  .tuple(field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 6))
  .map((fields) => fields.join(" "));
const anyZone = fc.constantFrom(
  "America/New_York",
  "Europe/Berlin",
  "Australia/Lord_Howe",
  "Asia/Seoul",
  "America/Sao_Paulo",
  "Africa/Casablanca",
  "Pacific/Apia",
  "UTC",
);
const anyInstant = fc.integer({ min: Date.UTC(2005, 0, 1), max: Date.UTC(2030, 0, 1) });
const anyHours = fc.integer({ min: 1, max: 24 * 40 });

describe("any pattern, zone and range", { timeout: 60_000 }, () => {
  it("is covered by the spans of its ticks without gap or overlap", () => {
    fc.assert(
      fc.property(anyPattern, anyZone, anyInstant, anyHours, (pattern, zone, from, hours) => {
        const clock = clockOf(pattern, zone);
        let covered: number | null = null;
        let looked = 0;
        for (const tick of ticksBetween(clock, from, from + hours * 3_600_000)) {
          const span = spanOf(clock, tick);
          const isEdgeToEdge = span?.end === tick && (covered ?? span.start) === span.start;
          if (!isEdgeToEdge || span.start >= span.end) expect.unreachable(`${span?.start}–${tick}`);
          covered = tick;
          looked += 1;
          if (looked === 300) break;
        }
      }),
      { numRuns: 300 },
    );
  });

  it("splits anywhere into the same ticks, in both directions", () => {
    fc.assert(
      fc.property(
        anyPattern,
        anyZone,
        anyInstant,
        anyHours,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (pattern, zone, from, hours, share) => {
          const clock = clockOf(pattern, zone);
          const to = from + hours * 3_600_000;
          const cut = Math.floor(from + (to - from) * share);
          const whole = [...ticksBetween(clock, from, to)];
          const parts = [...ticksBetween(clock, from, cut), ...ticksBetween(clock, cut, to)];
          expect(parts).toEqual(whole);
          expect(lastTick(clock, to - 1) ?? -1).toBe(
            whole.at(-1) ?? lastTick(clock, from - 1) ?? -1,
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it("goes back to where it came from", () => {
    fc.assert(
      fc.property(anyPattern, anyZone, anyInstant, (pattern, zone, from) => {
        const clock = clockOf(pattern, zone);
        const tick = nextTick(clock, from);
        expect(tick).not.toBeNull();
        if (tick === null) return;
        expect(tick).toBeGreaterThan(from);
        expect(lastTick(clock, tick)).toBe(tick);
        expect(lastTick(clock, tick - 1) ?? 0).toBeLessThanOrEqual(from);
      }),
      { numRuns: 500 },
    );
  });
});
