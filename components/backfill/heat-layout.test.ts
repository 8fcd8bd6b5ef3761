import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layOut } from "./heat-layout.ts";
import { SCREEN_HEIGHT } from "./heat-plan.ts";

const DAY = 86_400_000;
const days = (from: string, count: number, length = DAY) => {
  const first = Date.parse(from);
  const starts = Array.from({ length: count }, (_, i) => first + i * length);
  return { starts, ends: starts.map((start) => start + length) };
};

describe("layOut", () => {
  it.each([
    { length: DAY / 24, count: 400, kind: "hours", why: "an hour" },
    { length: DAY, count: 1_461, kind: "years", why: "four years of days" },
    { length: DAY * 7, count: 104, kind: "weeks", why: "two years of weeks" },
    { length: DAY * 100, count: 9, kind: "sequence", why: "no calendar has a place for it" },
    { length: DAY / 2, count: 60, kind: "hours", why: "half a day" },
    { length: DAY * 0.7, count: 60, kind: "sequence", why: "what would share days" },
  ])("takes $kind for $why", ({ length, count, kind }) => {
    const { starts, ends } = days("2012-01-01T00:00:00Z", count, length);
    expect(layOut(starts, ends, "UTC", 900).kind).toBe(kind);
  });

  it.each([
    { width: 1_350, years: 4, why: "four years on a wide screen" },
    { width: 1_350, years: 10, why: "ten, two side by side" },
    { width: 1_158, years: 27, why: "27, three side by side" },
    { width: 330, years: 1, why: "one year on a telephone, half beside half" },
    { width: 330, years: 4, why: "four on a telephone, weeks going down" },
  ])("puts $why on one screen, with each month named", ({ width, years }) => {
    const { starts, ends } = days("2012-01-01T00:00:00Z", Math.floor(years * 365.25));
    const map = layOut(starts, ends, "UTC", width);
    expect(map.height).toBeLessThanOrEqual(SCREEN_HEIGHT);
    expect(map.width).toBeLessThanOrEqual(width);
    const months = map.labels.filter(({ month }) => month !== null);
    expect(months).toHaveLength(width < 500 ? 12 : 12 * years);
    for (const { x, y } of map.labels) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(y).toBeGreaterThanOrEqual(10);
    }
    const written = map.labels.flatMap(({ month, text }) => (month === null ? [text] : []));
    expect(written).toEqual(Array.from({ length: years }, (_, i) => String(2012 + i)));
  });

  it.each(["UTC", "America/New_York"])("lays out ten thousand days within 20 ms in %s", (zone) => {
    const { starts, ends } = days("2000-01-01T05:00:00Z", 10_000);
    const times = Array.from({ length: 15 }, () => {
      const began = performance.now();
      layOut(starts, ends, zone, 1_350);
      return performance.now() - began;
    });
    expect(Math.min(...times)).toBeLessThan(20);
  });

  it.each([
    { width: 1_350, columns: 24 },
    { width: 330, columns: 24 },
  ])("lays one day's quarters of hours across $width pixels", ({ width }) => {
    const { starts, ends } = days("2024-05-01T00:00:00Z", 96, DAY / 96);
    const map = layOut(starts, ends, "UTC", width, { kind: "day" });
    expect(map.width).toBeLessThanOrEqual(width);
    expect(new Set(map.xs).size).toBe(24);
    expect(new Set(map.ys).size).toBe(4);
    expect(map.labels.map(({ text }) => text)).toEqual(["0", "6", "12", "18"]);
  });

  it("gives each day of six-hour steps a column of four", () => {
    const { starts, ends } = days("2024-01-01T00:00:00Z", 400, DAY / 4);
    const map = layOut(starts, ends, "UTC", 1_350);
    expect(new Set(map.xs).size).toBe(100);
    expect(new Set(map.ys).size).toBe(4);
    expect(map.labels.map(({ month }) => month)).toEqual([null, 1, 2, 3, 4]);
  });

  it("keeps every hour of a day that has 25", () => {
    const { starts, ends } = days("2024-11-03T04:00:00Z", 25, DAY / 24);
    const map = layOut(starts, ends, "America/New_York", 900);
    expect(map.kind).toBe("hours");
    expect(new Set(map.ys).size).toBe(25);
  });

  it("gives every cell a place of its own, finds it again and steps through all of them", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 900 }),
        fc.constantFrom(DAY / 24, DAY / 2, DAY, DAY * 7, DAY * 90),
        fc.constantFrom("UTC", "America/New_York", "Asia/Seoul"),
        fc.integer({ min: 300, max: 1_400 }),
        fc.boolean(),
        (count, length, zone, width, descending) => {
          const { starts, ends } = days("2023-02-28T15:00:00Z", count, length);
          if (descending) {
            starts.reverse();
            ends.reverse();
          }
          const map = layOut(starts, ends, zone, width);
          for (let i = 0; i < count; i++) {
            const [x, y] = [map.xs[i] ?? 0, map.ys[i] ?? 0];
            expect(map.at(x + 1, y + 1)).toBe(i);
            expect(x + map.pitch).toBeLessThanOrEqual(map.width);
            expect(y + map.pitch).toBeLessThanOrEqual(map.height);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("moves straight on before it moves aside, and stays at the edge", () => {
    const map = layOut(null, null, "UTC", 236, { total: 23 });
    expect(map.move(0, 1, 0)).toBe(1);
    expect(map.move(0, 0, 1)).toBe(10);
    expect(map.move(0, -1, 0)).toBe(0);
    expect(map.move(22, 0, 1)).toBe(22);
  });
});

it("draws a late part of a year on a narrow screen from its first week on", () => {
  const first = Date.UTC(2025, 8, 10);
  const starts = Array.from({ length: 100 }, (_, n) => first + n * DAY);
  const ends = starts.map((start) => start + DAY);
  const { xs, ys, kind } = layOut(starts, ends, "UTC", 340);
  expect(kind).toBe("years");
  expect(ys[0]).toBe(Math.min(...ys));
  // Its halves stand side by side: the second begins at the top as well.
  const november = starts.indexOf(Date.UTC(2025, 10, 1));
  expect(ys[november]).toBe(ys[0]);
  expect(xs[november]).toBeGreaterThan(Math.max(...xs.slice(0, november)));
});
