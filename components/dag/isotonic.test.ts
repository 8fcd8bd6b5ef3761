import { describe, expect, it } from "vitest";
import { placeInOrder } from "./isotonic.ts";

describe("placeInOrder", () => {
  it.each([
    { wanted: [0, 100], gap: [0, 10], want: [0, 100], why: "wishes that fit are granted" },
    { wanted: [50, 50], gap: [0, 10], want: [45, 55], why: "a clash is shared equally" },
    { wanted: [20, 0], gap: [0, 10], want: [5, 15], why: "the order is kept against the wishes" },
    { wanted: [0, 0, 90], gap: [0, 20, 20], want: [-10, 10, 90], why: "far points stay put" },
  ])("$why", ({ wanted, gap, want }) => {
    expect(
      placeInOrder(
        wanted,
        gap,
        wanted.map(() => 1),
      ),
    ).toEqual(want);
  });

  it("gives way in proportion to weight", () => {
    expect(placeInOrder([0, 0], [0, 10], [9, 1])).toEqual([-1, 9]);
  });
});
