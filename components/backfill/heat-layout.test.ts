import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layOut } from "./heat-layout.ts";

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
    { length: DAY / 2, count: 60, kind: "sequence", why: "two would share a day" },
  ])("takes $kind for $why", ({ length, count, kind }) => {
    const { starts, ends } = days("2012-01-01T00:00:00Z", count, length);
    expect(layOut(starts, ends, "UTC", 900).kind).toBe(kind);
  });

  it("puts four years of days on one screen, with each month named", () => {
    const { starts, ends } = days("2012-01-01T00:00:00Z", 1_461);
    const map = layOut(starts, ends, "UTC", 900);
    expect(map.height).toBeLessThanOrEqual(620);
    expect(map.width).toBeLessThanOrEqual(900);
    expect(map.labels.filter(({ month }) => month !== null)).toHaveLength(48);
    expect(map.labels.filter(({ month }) => month === null).map(({ text }) => text)).toEqual([
      "2012",
      "2013",
      "2014",
      "2015",
    ]);
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
    const map = layOut(null, null, "UTC", 236, 23);
    expect(map.move(0, 1, 0)).toBe(1);
    expect(map.move(0, 0, 1)).toBe(10);
    expect(map.move(0, -1, 0)).toBe(0);
    expect(map.move(22, 0, 1)).toBe(22);
  });
});
