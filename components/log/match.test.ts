import { describe, expect, it } from "vitest";
import { parseAnsi } from "./ansi.ts";
import { markMatches, stepMatch } from "./match.ts";

const show = (raw: string, query: string) =>
  markMatches(parseAnsi(raw), query).map(({ text, match }) => (match ? `[${text}]` : text));

describe("markMatches", () => {
  it.each([
    { raw: "no match", query: "x", want: ["no match"], why: "nothing found" },
    { raw: "abcabc", query: "", want: ["abcabc"], why: "nothing asked for" },
    {
      raw: "Error: an ERROR",
      query: "error",
      want: ["[Error]", ": an ", "[ERROR]"],
      why: "any case",
    },
    { raw: "aaa", query: "aa", want: ["[aa]", "a"], why: "matches do not overlap" },
    {
      raw: "fi\u001b[31mle not\u001b[0m found",
      query: "file not f",
      want: ["[fi]", "[le not]", "[ f]", "ound"],
      why: "a match runs across colours",
    },
    { raw: "xx", query: "x", want: ["[x]", "[x]"], why: "neighbours stay apart" },
  ])("$why", ({ raw, query, want }) => {
    expect(show(raw, query)).toEqual(want);
  });

  it("keeps each piece's colour", () => {
    const marked = markMatches(parseAnsi("\u001b[31mred\u001b[0m"), "e");
    expect(marked.map(({ styles }) => styles)).toEqual([
      ["ansi-red-fg"],
      ["ansi-red-fg"],
      ["ansi-red-fg"],
    ]);
  });
});

describe("stepMatch", () => {
  it.each([
    { current: null, by: 1 as const, from: 6, want: 9, why: "begins at the line in view" },
    { current: null, by: -1 as const, from: 6, want: 5, why: "backwards from the line in view" },
    { current: null, by: 1 as const, from: 50, want: 2, why: "nothing after: round the end" },
    { current: null, by: -1 as const, from: 1, want: 9, why: "nothing before: round the start" },
    { current: 5, by: 1 as const, from: 1, want: 9, why: "on from where it stands" },
    { current: 9, by: 1 as const, from: 1, want: 2, why: "round the end" },
    { current: 2, by: -1 as const, from: 1, want: 9, why: "round the start" },
    { current: 7, by: 1 as const, from: 3, want: 5, why: "its line is no match any more" },
  ])("$why", ({ current, by, from, want }) => {
    expect(stepMatch([2, 5, 9], current, by, from)).toBe(want);
  });

  it("finds nothing in nothing", () => {
    expect(stepMatch([], null, 1, 1)).toBeNull();
  });
});
