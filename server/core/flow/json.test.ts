import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJson } from "./json.ts";
import { toJson } from "./read/located.ts";

const LIMIT = 1024 * 1024;

describe("parseJson", () => {
  it("reads what JSON.parse reads, in any layout", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.nat({ max: 3 }), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const { root, problems } = parseJson(text, "a.json", LIMIT);
        expect(problems).toEqual([]);
        expect(root && JSON.stringify(toJson(root))).toBe(JSON.stringify(value));
      }),
    );
  });

  it("refuses what JSON.parse refuses", () => {
    const text = fc.stringMatching(/^[{}[\]",:\\ 0-9eE.+nultrfas-]{0,12}$/);
    fc.assert(
      fc.property(text, (text) => {
        let valid = true;
        try {
          JSON.parse(text);
        } catch {
          valid = false;
        }
        expect(parseJson(text, "a.json", LIMIT).problems.length === 0).toBe(valid);
      }),
      { numRuns: 2_000 },
    );
  });

  it("knows where values and keys stand", () => {
    const { root, locate } = parseJson('{\n  "a": [1,\n "x"]}', "a.json", LIMIT);
    const entry = root?.kind === "map" ? root.entries.get("a") : undefined;
    const item = entry?.value.kind === "list" ? entry.value.items[1] : undefined;
    expect(entry && locate(entry.at)).toEqual({ file: "a.json", line: 2, column: 3 });
    expect(item && locate(item.at)).toEqual({ file: "a.json", line: 3, column: 2 });
  });

  it.each([
    { text: "", want: "SYNTAX 1:1", why: "nothing at all" },
    { text: '{"a": 1,}', want: "SYNTAX 1:9", why: "a comma without an item" },
    { text: '{"a"\n1}', want: "SYNTAX 2:1", why: "a missing colon" },
    { text: "[1 2]", want: "SYNTAX 1:4", why: "a missing comma" },
    { text: '["a\nb"]', want: "SYNTAX 1:2", why: "a line end in a text" },
    { text: '["\\x"]', want: "SYNTAX 1:2", why: "an unknown escape" },
    { text: "[1] x", want: "SYNTAX 1:5", why: "something after the end" },
    { text: "[".repeat(100_000), want: "TOO_DEEP 1:65", why: "depth, before the stack overflows" },
    { text: `"${"x".repeat(LIMIT)}"`, want: "TOO_LARGE 1:1", why: "size" },
  ])("refuses $why with $want", ({ text, want }) => {
    const { root, problems } = parseJson(text, "a.json", LIMIT);
    expect(root).toBeNull();
    expect(problems.map((p) => `${p.code} ${p.position.line}:${p.position.column}`)).toEqual([
      want,
    ]);
  });
});
