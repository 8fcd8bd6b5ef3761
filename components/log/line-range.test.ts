import { describe, expect, it } from "vitest";
import { clickLine, lineHash, parseLineHash } from "./line-range.ts";

describe("parseLineHash", () => {
  it.each([
    { hash: "#L120", want: { first: 120, last: 120 } },
    { hash: "#L120-L140", want: { first: 120, last: 140 } },
    { hash: "#L140-L120", want: { first: 120, last: 140 } },
    { hash: "", want: null },
    { hash: "#L0", want: null },
    { hash: "#L1-2", want: null },
    { hash: "#section", want: null },
  ])("reads $hash", ({ hash, want }) => {
    expect(parseLineHash(hash)).toEqual(want);
    if (want && want.first === 120 && hash.startsWith("#L12")) expect(lineHash(want)).toBe(hash);
  });
});

describe("clickLine", () => {
  it.each([
    { range: null, line: 5, extend: true, want: { first: 5, last: 5 }, why: "nothing to extend" },
    {
      range: { first: 5, last: 9 },
      line: 7,
      extend: false,
      want: { first: 7, last: 7 },
      why: "a plain click starts anew",
    },
    {
      range: { first: 5, last: 5 },
      line: 9,
      extend: true,
      want: { first: 5, last: 9 },
      why: "downwards",
    },
    {
      range: { first: 5, last: 5 },
      line: 2,
      extend: true,
      want: { first: 2, last: 5 },
      why: "upwards",
    },
    {
      range: { first: 5, last: 9 },
      line: 7,
      extend: true,
      want: { first: 5, last: 7 },
      why: "inside shrinks",
    },
  ])("$why", ({ range, line, extend, want }) => {
    expect(clickLine(range, line, extend)).toEqual(want);
  });
});
