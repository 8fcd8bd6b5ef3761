import fc from "fast-check";
import { XMLParser } from "fast-xml-parser";
import { describe, expect, it } from "vitest";
import { scanXml, type XmlElement } from "./xml-scan.ts";
import { decodeText, unindent } from "./xml-text.ts";

interface Tree {
  name: string;
  attributes: Record<string, string>;
  children: Tree[];
  text: string;
}

const text = fc.string({
  unit: fc.constantFrom("a", "é", "😀", " ", "&amp;", "&lt;", "&#65;", "&#x1F600;", ">", "'"),
  maxLength: 6,
});
const tree: fc.Arbitrary<string> = fc.letrec<{ any: string }>((tie) => ({
  any: fc
    .tuple(
      fc.constantFrom("a", "b-c", "_d.e"),
      fc.dictionary(fc.constantFrom("x", "y", "z"), text, { maxKeys: 3 }),
      fc.oneof(
        { depthSize: "small", maxDepth: 3 },
        text,
        fc.array(tie("any"), { maxLength: 3 }).map((all) => all.join("\n<!-- c --> ")),
      ),
    )
    .map(([name, attributes, inner]) => {
      const list = Object.entries(attributes).map(([key, value]) => ` ${key} = "${value}"`);
      return inner === ""
        ? `<${name}${list.join("")} />`
        : `<${name}${list.join("")}>${inner}</${name}>`;
    }),
})).any;

/** What another parser, written by others, makes of the same text. */
function oracle(source: string): Tree {
  type Node = Record<string, unknown>;
  const parsed = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: "",
    trimValues: false,
    parseTagValue: false,
    parseAttributeValue: false,
    htmlEntities: true,
    processEntities: { enabled: true, maxTotalExpansions: 1e6, maxExpandedLength: 1e6 },
  }).parse(source) as Node[];
  const convert = (node: Node): Tree => {
    const name = Object.keys(node).find((key) => key !== ":@") ?? "";
    const inner = node[name] as Node[];
    return {
      name,
      attributes: (node[":@"] ?? {}) as Record<string, string>,
      children: inner.filter((child) => !("#text" in child)).map(convert),
      text: inner.flatMap((child) => ("#text" in child ? [String(child["#text"])] : [])).join(""),
    };
  };
  return convert(parsed[0] ?? {});
}

function ours(source: string): Tree {
  const convert = (element: XmlElement): Tree => ({
    name: element.name,
    attributes: Object.fromEntries(element.attributes.map(({ name, value }) => [name, value])),
    children: element.children.map(convert),
    text: decodeText(source, element.text),
  });
  return convert(scanXml(source));
}

describe("scanXml", () => {
  it("reads what fast-xml-parser reads", { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(tree, (source) => {
        expect(ours(source)).toEqual(oracle(source));
      }),
      { numRuns: 300 },
    );
  });

  it("knows where everything stands", { timeout: 60_000 }, () => {
    const check = (source: string, element: XmlElement): void => {
      expect(source.startsWith(element.name, element.nameAt)).toBe(true);
      for (const { name, nameAt, at, value } of element.attributes) {
        expect(source.startsWith(name, nameAt)).toBe(true);
        expect(source[at - 1]).toBe('"');
        const origins: number[] = [];
        const end = source.indexOf('"', at);
        decodeText(source, [{ kind: "attribute", start: at, end }], origins);
        expect(origins).toHaveLength(value.length);
        for (const [index, origin] of origins.entries()) {
          expect([value[index], "&"]).toContain(source[origin]);
        }
      }
      for (const child of element.children) check(source, child);
    };
    fc.assert(fc.property(tree, (source) => check(source, scanXml(source))));
  });

  it("stays linear in texts made to be slow", () => {
    for (const source of [
      `<a ${"b='' ".repeat(50_000)}/>`,
      `<a>${"&amp;".repeat(200_000)}</a>`,
      `<a>${"<b/>x".repeat(100_000)}</a>`,
      `<a>${"<!---->".repeat(100_000)}</a>`,
    ]) {
      expect(scanXml(source).name).toBe("a");
    }
  });
});

describe("unindent", () => {
  it.each([
    { text: "  a  ", want: "a", why: "one line is trimmed" },
    { text: "\n    a\n  ", want: "a", why: "on a line of its own as well" },
    {
      text: "\n    a\n      b\n\n    c\n  ",
      want: "a\n  b\n\nc\n",
      why: "shared indentation goes",
    },
    { text: "a\n  b", want: "a\n  b\n", why: "nothing is shared" },
    { text: "\n\ta\n\tb\n", want: "a\nb\n", why: "tabs are indentation" },
    { text: " \n \n", want: "", why: "nothing but white space" },
  ])("$text: $why", ({ text, want }) => {
    expect(unindent(text)).toBe(want);
  });
});
