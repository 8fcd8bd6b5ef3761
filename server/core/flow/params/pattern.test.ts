import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compilePattern } from "./pattern.ts";

/** Expressions made of everything that the automaton knows. */
const expression: fc.Arbitrary<string> = fc.letrec<{ any: string; atom: string }>((tie) => ({
  atom: fc.oneof(
    { depthSize: "small", maxDepth: 3 },
    fc.constantFrom(
      "a",
      "b",
      "c",
      ".",
      "\\d",
      "\\w",
      "\\s",
      "[ab]",
      "[^a]",
      "[b-c1]",
      "^",
      "$",
      "\\b",
    ),
    tie("any").map((inner) => `(?:${inner})`),
    tie("any").map((inner) => `(${inner})`),
  ),
  any: fc
    .array(
      fc.tuple(
        tie("atom"),
        fc.constantFrom("", "", "*", "+", "?", "{2}", "{1,3}", "{2,}", "*?", "|"),
      ),
      { maxLength: 5 },
    )
    .map((parts) =>
      parts
        // An assertion cannot be repeated in Unicode mode.
        .map(([atom, suffix]) =>
          /^(?:\^|\$|\\b)$/.test(atom) && suffix !== "|" ? atom : atom + suffix,
        )
        .join(""),
    ),
})).any;

describe("compilePattern", () => {
  it("agrees with the native engine", { timeout: 60_000 }, () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "c", "1", " ", "é"), maxLength: 8 });
    fc.assert(
      fc.property(expression, fc.array(text, { minLength: 5, maxLength: 5 }), (source, texts) => {
        fc.pre(source.length <= 60);
        const native = new RegExp(source, "u");
        const pattern = compilePattern(source);
        for (const each of texts)
          expect([each, pattern.test(each)]).toEqual([each, native.test(each)]);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    { source: "^\\u{1F600}$", text: "😀", want: true, why: "one character beyond the BMP" },
    { source: "^.$", text: "😀", want: true, why: "a dot is a character, not a code unit" },
    {
      source: "^\\ud83d\\ude00$",
      text: "😀",
      want: true,
      why: "a surrogate pair is one character",
    },
    { source: "^\\p{Lu}+$", text: "ÄB", want: true, why: "properties of Unicode" },
    { source: "^[\\]\\\\]+$", text: "]\\", want: true, why: "escapes in a class" },
    { source: "^(?<day>\\d{2})$", text: "07", want: true, why: "named groups" },
    { source: "b", text: "abc", want: true, why: "JSON Schema does not anchor" },
    { source: "", text: "", want: true, why: "nothing matches nothing" },
  ])("$source on $text is $want: $why", ({ source, text, want }) => {
    expect(compilePattern(source).test(text)).toBe(want);
  });

  it.each([
    { source: "(", why: "malformed" },
    { source: "a(?=b)", why: "look-ahead" },
    { source: "(?<!a)b", why: "look-behind" },
    { source: "(a)\\1", why: "back-reference" },
    { source: "(?<n>a)\\k<n>", why: "named back-reference" },
    { source: "(a{100}){100}", why: "too many states" },
    { source: "((){1000}){1000}", why: "too many empty repetitions" },
    { source: "a".repeat(2_000), why: "too long" },
    { source: `${"(".repeat(60)}a${")".repeat(60)}`, why: "too deep" },
  ])("refuses $why", ({ source }) => {
    expect(() => compilePattern(source)).toThrow(/^The pattern/);
  });

  it("takes linear time where backtracking would take for ever", { timeout: 60_000 }, () => {
    expect(compilePattern("^(a+)+$").test(`${"a".repeat(50_000)}b`)).toBe(false);
    expect(compilePattern("^(a|a)*$").test(`${"a".repeat(50_000)}b`)).toBe(false);
  });
});
