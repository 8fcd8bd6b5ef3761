import { describe, expect, it } from "vitest";
import { drift, median, percentile, summarise, sumsOf } from "./stats.ts";

describe("percentile", () => {
  it.each([
    { values: [7], p: 0, want: 7, why: "one value is every percentile" },
    { values: [3, 1, 2], p: 0.5, want: 2, why: "the order of the sample does not matter" },
    { values: [1, 2, 3, 4], p: 0.5, want: 2, why: "nearest rank takes a value that occurred" },
    { values: [10, 9, 100], p: 1, want: 100, why: "numbers are compared as numbers" },
    { values: Array.from({ length: 200 }, (_, i) => i + 1), p: 0.99, want: 198, why: "99 of 100" },
  ])("$p of $values.length values is $want: $why", ({ values, p, want }) => {
    expect(percentile(values, p)).toBe(want);
  });

  it("refuses an empty sample and a share above one", () => {
    expect(() => median([])).toThrow(RangeError);
    expect(() => percentile([1], 1.5)).toThrow(RangeError);
  });

  it("leaves the sample as it was", () => {
    const values = [3, 1, 2];
    summarise(values);
    expect(values).toEqual([3, 1, 2]);
  });
});

describe("sumsOf", () => {
  it("adds up groups in a row and leaves out a rest", () => {
    expect(sumsOf([1, 2, 3, 40, 5], 2)).toEqual([3, 43]);
  });

  it("refuses fewer values than a group", () => {
    expect(() => sumsOf([1], 2)).toThrow(RangeError);
  });
});

describe("drift", () => {
  it("is zero for blocks with equal medians, whatever their spread", () => {
    expect(drift([[1, 2, 3], [2], [0, 2, 9]])).toBe(0);
  });

  it("is the range of block medians over the median of everything", () => {
    expect(
      drift([
        [1, 1, 1],
        [2, 2, 2],
        [2, 2, 3],
      ]),
    ).toBe(0.5);
  });
});
