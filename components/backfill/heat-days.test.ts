import { describe, expect, it } from "vitest";
import { areForDays, countLooks, gatherDays, looksOfDays } from "./heat-days.ts";
import { layOut } from "./heat-layout.ts";
import { SCREEN_HEIGHT } from "./heat-plan.ts";

const HOUR = 3_600_000;
const hours = (from: string, count: number, length = HOUR) => {
  const starts = Array.from({ length: count }, (_, i) => Date.parse(from) + i * length);
  return { starts, ends: starts.map((start) => start + length) };
};

describe("areForDays", () => {
  it.each([
    { count: 48, length: HOUR, want: false, why: "two days of hours" },
    { count: 8_784, length: HOUR, want: true, why: "a year of hours" },
    { count: 20_000, length: HOUR / 4, want: true, why: "months of quarters" },
    { count: 1_461, length: 24 * HOUR, want: false, why: "days already" },
    { count: 10_000, length: 24 * HOUR, want: false, why: "days, however many" },
  ])("is $want for $why", ({ count, length, want }) => {
    const { starts, ends } = hours("2024-01-01T00:00:00Z", count, length);
    expect(areForDays(starts, ends, "UTC", 1_350)).toBe(want);
  });
});

describe("gatherDays", () => {
  it("gathers a year of hours into days that fit one screen, each hour in exactly one", () => {
    // The clocks of New York skip an hour in March and repeat one in November.
    const { starts, ends } = hours("2024-01-01T05:00:00Z", 8_784);
    starts.reverse();
    ends.reverse();
    const days = gatherDays(starts, "America/New_York");
    expect(days).toHaveLength(366);
    expect(days[0]?.date).toBe("2024-01-01");
    const sizes = new Map(days.map(({ date, cells }) => [date, cells.length]));
    expect([sizes.get("2024-03-10"), sizes.get("2024-11-03")]).toEqual([23, 25]);
    expect(days.flatMap(({ cells }) => cells)).toEqual(Array.from(starts.keys()).reverse());
    const dayStarts = days.map(({ cells }) => starts[cells[0] ?? 0] ?? 0);
    const map = layOut(dayStarts, dayStarts, "America/New_York", 1_350, { kind: "years" });
    expect(map.height).toBeLessThanOrEqual(SCREEN_HEIGHT);
  });
});

describe("looksOfDays", () => {
  it("takes the look that matters most, and counts all", () => {
    const days = [
      { date: "a", cells: [0, 1, 2] },
      { date: "b", cells: [3, 4] },
    ];
    const lookOf = [0, 2, 0, 0, 1];
    expect(looksOfDays(days, lookOf, [2, 0, 1])).toEqual([2, 0]);
    expect(countLooks({ date: "a", cells: [0, 1, 2] }, lookOf, 3)).toEqual([2, 0, 1]);
  });
});
