import { describe, expect, it } from "vitest";
import { parseAnsi } from "./ansi.ts";
import { markMatches } from "./match.ts";

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
