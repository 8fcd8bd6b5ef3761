import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import type { LocatedNode } from "../read/located.ts";
import { readAnyYaml } from "./yaml-grammar.ts";
import { readRegularYaml } from "./yaml-regular.ts";
import { shieldTemplates } from "./yaml-shield.ts";

const root = join(import.meta.dirname, "../../../..");
const definitions = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".yaml"))
    .map((path) => readFileSync(join(root, folder, path), "utf8"));
const examples = definitions("flows");
const corpus = definitions("server/core/flow/corpus/yaml");

function readRegular(text: string): LocatedNode | null {
  const { text: shielded, restore } = shieldTemplates(text);
  return readRegularYaml(shielded, restore);
}

/** Fails when the short way takes what the library's grammar refuses, or understands it otherwise. */
function expectTheSame(text: string): boolean {
  const regular = readRegular(text);
  if (regular === null) return false;
  const problems: string[] = [];
  const any = readAnyYaml(text, shieldTemplates(text), (code, offset, message) => {
    problems.push(`${code} ${offset} ${message}`);
  });
  expect({ text, problems, root: regular }).toEqual({ text, problems: [], root: any });
  return true;
}

describe("reading plain YAML the short way", () => {
  it.each([
    { text: "a: b", why: "no line end" },
    { text: "# c\n\n  # d\na: b # e\n\n# f\n", why: "comments everywhere" },
    { text: "a:\n  b:\n    c: 1\n  d: 2\ne: 3\n", why: "maps in maps" },
    { text: "a:\n- b\n- c: 1\n  d: 2\n-   e: 3\n    f: 4\ng: h\n", why: "a list under its key" },
    { text: "- a\n- b: [c, {d: e}]\n", why: "a list outside" },
    { text: "a: [b, c,]\nd: {}\ne: []\nf: [ ]\n", why: "trailing commas and nothing" },
    { text: "a: [\n  b, # c\n\n  d\n]\ne: {\n    f: g,\n    h: i }\n", why: "flow over lines" },
    { text: "a:\n  [\n    b,\n    c,\n  ]\nd: e\n", why: "as formatters break long lists" },
    { text: "a: |\n  b\n   c\n\n  d\n\ne: >-\n\n  f\n  g\n", why: "texts over lines" },
    { text: "a: |+\n  b\n\n\nc: |  # d\n  e: f\n", why: "kept line ends, a comment behind |" },
    { text: "a:\n- |\n  b\n- c: >\n    d\n  e: f\n", why: "texts in lists" },
    { text: "a: |\nb: |\n\nc: |\n  d", why: "texts without a line" },
    { text: "'a b': \"c \\\"\\u00e9\\n d\"\n\"e\": 'f ''g'''\n", why: "quotes" },
    { text: "a: a:b c#d -e ?f [g] h\nk: -\u00a0l\nm: http://n/#o\n", why: "signs in plain text" },
    { text: "a: [a:b, http://c, d e]\n", why: "signs in flow lists" },
    {
      text: "a: [1, -2, +3, 0x1F, 0o17, 017, 1.10, 1e3, .5, -.inf, .NaN, 1_000, 9007199254740993]\n",
      why: "numbers",
    },
    { text: "a: [true, False, TRUE, null, ~, Null, yes, on, nUll, tRue]\n", why: "words" },
    { text: "1: a\ntrue: b\n2.50: c\n0x1f: d\n", why: "keys that are no words" },
    { text: "a: 1\na: 2\nb: {c: 1, c: 2}\n", why: "keys twice" },
    { text: 'a: echo {{ b | date: "%Y" }} {{ "x" | append: " #1" }} # c\n', why: "templates" },
    { text: "a: |\n  \tb\n  c\td\n", why: "tabs in a text" },
    { text: "a: 2026-01-01\nb: 12:30\nc: 0 2 * * *\nd: '* * * * *'\n", why: "dates and patterns" },
  ])("takes $why", ({ text }) => {
    expect(expectTheSame(text)).toBe(true);
  });

  it.each([
    { text: "", why: "nothing" },
    { text: "a", why: "a word" },
    { text: "a: b: c\n", why: "two colons" },
    { text: "a: &b c\nd: *b\n", why: "anchors" },
    { text: "a: !!str 1\n", why: "tags" },
    { text: "a:\nb: c\n", why: "an empty value" },
    { text: "? a\n: b\n", why: "explicit keys" },
    { text: "a: b\n  c\n", why: "plain text over lines" },
    { text: "a: 'b\n  c'\n", why: "quoted text over lines" },
    { text: "---\na: b\n", why: "marks of documents" },
    { text: "a: b\n...\n", why: "the end of a document" },
    { text: "%YAML 1.1\n---\na: yes\n", why: "directives" },
    { text: "\ufeffa: b\n", why: "a byte order mark" },
    { text: "a: b\r\nc: d\r\n", why: "line ends of Windows" },
    { text: "a:\tb\n", why: "tabs between" },
    { text: "- \ta: b\n  c: d\n", why: "tabs before a key" },
    { text: "a:\n  b: [\n c]\n", why: "brackets over lines that are not indented" },
    { text: "a: [b: c]\n", why: "pairs in lists" },
    { text: "a: {b, c: d}\n", why: "keys without values" },
    { text: "a: [b\nc: d\n", why: "an open bracket" },
    { text: "a: [,]\n", why: "an item too few" },
    { text: "a: {b: c}d\n", why: "text behind a brace" },
    { text: "a: 'b'c\n", why: "text behind a quote" },
    { text: "a: b\n c: d\n", why: "a key too far in" },
    { text: "  a: b\n c: d\n", why: "a key too far out" },
    { text: "a: |2\n   b\n", why: "a stated indentation" },
    { text: "a: |\n\n    \n  b\n", why: "an empty line that is too long" },
    { text: "<<: a\n", why: "merge keys" },
    { text: "null: a\n", why: "a key that is nothing" },
    { text: "a: @b\n", why: "reserved signs" },
    { text: 'a: "\\q"\n', why: "an escape that does not exist" },
    { text: `a: ${"[".repeat(80)}${"]".repeat(80)}\n`, why: "what is too deep" },
    { text: `${"a".repeat(2_000)}: b\n`, why: "a key that is too long" },
  ])("leaves $why to the library", ({ text }) => {
    expect(readRegular(text)).toBeNull();
  });

  it("takes the examples, and reads all definitions as the library does", () => {
    expect(examples.length).toBeGreaterThan(0);
    expect(examples.map(expectTheSame)).not.toContain(false);
    expect(corpus.filter(expectTheSame).length).toBeGreaterThan(corpus.length / 2);
  });

  it("reads whatever the library writes as the library does", () => {
    const word = fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.constantFrom("a", "b c", "null", "0x1", "- a", "a: b", "#c", "{{ x | y: 1 }}", "a\nb\n"),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        fc.oneof(word, fc.integer(), fc.double(), fc.boolean(), fc.constant(null)),
        fc.array(tie("value"), { maxLength: 4 }),
        fc.dictionary(word, tie("value"), { maxKeys: 4 }),
      ),
    }));
    const options = fc.record({
      collectionStyle: fc.constantFrom("any" as const, "block" as const, "flow" as const),
      indentSeq: fc.boolean(),
      indent: fc.constantFrom(2, 3, 4),
      lineWidth: fc.constantFrom(0, 20, 80),
      defaultStringType: fc.constantFrom("PLAIN" as const, "QUOTE_DOUBLE" as const),
    });
    let taken = 0;
    fc.assert(
      fc.property(fc.dictionary(word, value, { minKeys: 1, maxKeys: 4 }), options, (map, style) => {
        if (expectTheSame(stringify(map, style))) taken += 1;
      }),
      { numRuns: 2_000 },
    );
    expect(taken).toBeGreaterThan(200);
  });

  it("takes nothing that the library refuses, wherever a text is broken", () => {
    const seeds = [...examples, ...corpus].filter((text) => text.length < 4_000);
    const signs = fc.constantFrom(
      ..." \n:-#[]{},'\"|>&*!?%@`~\t\\1a".split(""),
      ...[
        "\n\n",
        ": ",
        "- ",
        " #",
        "\n  ",
        "[ ",
        "''",
        "{{ ",
        " }}",
        "\n- ",
        "|\n",
        "---\n",
        "...",
      ],
    );
    const change = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      cut: fc.constantFrom(0, 0, 1, 2, 7),
      put: fc.oneof(signs, fc.constant("")),
    });
    let taken = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.array(change, { minLength: 1, maxLength: 3 }),
        (seed, changes) => {
          let text = seed;
          for (const { at, cut, put } of changes) {
            const index = Math.floor(at * text.length);
            text = text.slice(0, index) + put + text.slice(index + cut);
          }
          if (expectTheSame(text)) taken += 1;
        },
      ),
      { numRuns: 3_000 },
    );
    expect(taken).toBeGreaterThan(300);
  });
});
