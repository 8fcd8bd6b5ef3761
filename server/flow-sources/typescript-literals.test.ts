// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the sources under test hold placeholders
import { describe, expect, it } from "vitest";
import { readTokens } from "./javascript-tokens.ts";
import { findDefinition, type Literal, literalTextOffset } from "./typescript-literals.ts";

/** The text at the place that a path of keys and positions leads to. */
function at(source: string, path: readonly (string | number)[], length: number): string | null {
  const found = findDefinition(source);
  if (found === null) return null;
  let literal: Literal | undefined = found.literal;
  for (const step of path) {
    if (literal?.kind === "map") literal = literal.entries.get(String(step))?.value;
    else if (literal?.kind === "list") literal = literal.items[Number(step)];
    else literal = undefined;
  }
  return literal === undefined ? null : source.slice(literal.at, literal.at + length);
}

describe("readTokens", () => {
  it.each([
    { text: "a / b / c", want: ["a", "/", "b", "/", "c"], why: "slashes after values divide" },
    { text: "x = /[/]'/g", want: ["x", "=", "/[/]'/g"], why: "a slash after a mark opens a regex" },
    { text: "return /'/", want: ["return", "/'/"], why: "so does one after a keyword" },
    { text: "`a${`${b}`}c` d", want: ["`a${`${b}`}c`", "d"], why: "templates nest" },
    { text: "`${'}'}` d", want: ["`${'}'}`", "d"], why: "texts inside templates may hold braces" },
    { text: "'a\\'b' // c\n1.5", want: ["'a\\'b'", "1.5"], why: "escapes and comments" },
    {
      text: "/* { */ é",
      want: ["é"],
      why: "block comments vanish, letters of any script are words",
    },
    { text: "'open\nx", want: ["'open", "x"], why: "an unclosed text ends with its line" },
  ])("$text: $why", ({ text, want }) => {
    expect(readTokens(text).map((token) => token.text)).toEqual(want);
  });
});

describe("findDefinition", () => {
  it.each([
    {
      source: `export default flow({ id: "a", tasks: { x: { needs: ["b", "c"] } } });`,
      path: ["tasks", "x", "needs", 1],
      want: '"c"',
      why: "literals nest",
    },
    {
      source: `import { flow as define } from "idem";\nexport default define({ id: 'first' });`,
      path: ["id"],
      want: "'first'",
      why: "an import may rename",
    },
    {
      source: `const other = flow({ id: "no" }); export default flow<P>({ id: "yes" }); flow({ id: "no" });`,
      path: ["id"],
      want: '"yes"',
      why: "the exported call counts",
    },
    {
      source: `const extract = task({ run: (ctx) => 1, timeout: "5m" });\nexport default flow({ tasks: { extract } });`,
      path: ["tasks", "extract", "timeout"],
      want: '"5m"',
      why: "constants and task() are followed",
    },
    {
      source: `export default flow({ tasks: { a: { async run({ x }) { return [1, { id: 2 }]; }, if: "x" } }, ...rest, id: \`z\` });`,
      path: ["id"],
      want: "`z`",
      why: "methods and spreads are stepped over",
    },
    {
      source: `export default flow({ tags: ["a", "b"] as const, id: (1, "x"), "owner": cond ? "a" : "b", name: "n" });`,
      path: ["name"],
      want: '"n"',
      why: "assertions, conditions and parentheses are stepped over",
    },
    {
      source: `export default flow({ owner: cond ? "a" : "b" });`,
      path: ["owner"],
      want: "cond ? ",
      why: "what is computed is known by where it begins",
    },
    {
      source: `export default flow({ tags: ["a", ...more, "b"] });`,
      path: ["tags", 1],
      want: null,
      why: "nobody knows a position after a spread",
    },
    {
      source: `export default flow(build());`,
      path: ["id"],
      want: null,
      why: "computed as a whole",
    },
    { source: `export default 5;`, path: ["id"], want: null, why: "no call at all" },
    {
      source: `const a = b; const b = a; export default flow(a);`,
      path: ["id"],
      want: null,
      why: "a circle ends",
    },
  ])("$source → $want: $why", ({ source, path, want }) => {
    expect(at(source, path, want?.length ?? 0)).toBe(want);
  });

  it("survives any prefix of a definition", () => {
    const source = `import { flow } from "idem"; export default flow({ a: [{ b: \`\${c}\` }], d() {} });`;
    for (let end = 0; end <= source.length; end += 1) findDefinition(source.slice(0, end));
  });
});

describe("cost", () => {
  it("reads constants that name each other twice only once", () => {
    const chain = Array.from({ length: 60 }, (_, i) => `const c${i} = [c${i + 1}, c${i + 1}];`);
    const source = `const c60 = 1; ${chain.reverse().join("\n")} export default flow({ a: c0 });`;
    expect(at(source, ["a", 0, 1], 1)).toBe("[");
  });
});

describe("literalTextOffset", () => {
  it.each([
    { source: '"abc"', value: "abc", index: 2, want: 3, why: "one step per letter" },
    { source: '"a\\nb"', value: "a\nb", index: 2, want: 4, why: "an escape is two letters" },
    {
      source: '"\\u{1f600}b"',
      value: "😀b",
      index: 2,
      want: 10,
      why: "one escape, two code units",
    },
    { source: '"\\x41\\u0042c"', value: "ABc", index: 2, want: 11, why: "numbered escapes" },
    { source: "`a\nb`", value: "a\nb", index: 2, want: 3, why: "templates span lines" },
    { source: "`a${x}b`", value: "a1b", index: 2, want: 0, why: "placeholders end what is known" },
    { source: '"abc"', value: "xyz", index: 1, want: 0, why: "not this literal's value" },
  ])("$source[$index] is at $want: $why", ({ source, value, index, want }) => {
    const literal = { kind: "text", at: 0, end: source.length } as const;
    expect(literalTextOffset(source, literal, value, index)).toBe(want);
  });
});
