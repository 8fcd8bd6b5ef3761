import { describe, expect, it } from "vitest";
import { pickCells, pickText, readParamsText, readPick } from "./calendar-view.ts";

describe("picks", () => {
  it.each(["failed", "cancelled", "r3", "r120"])("reads %s as it was written", (text) => {
    const pick = readPick(text);
    expect(pick === null ? null : pickText(pick)).toBe(text);
  });

  it.each([
    { text: "r0", why: "revisions count from 1" },
    { text: "r1x", why: "no number" },
    { text: "lost", why: "no state of a run" },
    { text: null, why: "nothing" },
  ])("reads nothing from $text: $why", ({ text }) => {
    expect(readPick(text)).toBeNull();
  });

  it("picks by state, or what is older than a revision", () => {
    const calendar = { states: [3, 2, 3, 2], revisions: [1, 1, 2, 3] };
    expect(pickCells(calendar, { state: "failed" })).toEqual([0, 2]);
    expect(pickCells(calendar, { before: 2 })).toEqual([0, 1]);
    expect(pickCells(calendar, { before: 1 })).toEqual([]);
  });
});

it.each([
  { text: '{"a":1}', want: { a: 1 }, why: "values" },
  { text: "any", want: "any", why: "all of them" },
  { text: '{"a":', want: undefined, why: "cut off" },
  { text: "[1]", want: undefined, why: "no values by name" },
  { text: ["any", "any"], want: undefined, why: "said twice" },
])("reads parameters from $text: $why", ({ text, want }) => {
  expect(readParamsText(text)).toEqual(want);
});
