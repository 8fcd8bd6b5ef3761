import canonicalize from "canonicalize";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson, sha256Hex } from "./canonical.ts";
import type { Json } from "./spec.ts";

const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>;

/** The same value with the keys of every map in the opposite order. */
function reordered(value: Json): Json {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, child]) => [key, reordered(child)]),
  );
}

describe("canonicalJson", () => {
  it("does not depend on the order of keys", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonicalJson(reordered(value))).toBe(canonicalJson(value));
      }),
    );
  });

  it("is JSON of an equal value, and of one form only", () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });

  it("is what the library for the scheme gives, whatever the keys and texts are", () => {
    const word = fc.oneof(
      fc.string({ unit: "binary", maxLength: 6 }),
      fc.constantFrom("1", "10", "2", "-1", "01", "__proto__", "toJSON", "constructor", "\\ud800"),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.oneof(word, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer()),
        fc.constantFrom(null, true, undefined),
        fc.array(tie("value"), { maxLength: 4 }),
        fc.array(fc.tuple(word, tie("value")), { maxLength: 4 }).map(Object.fromEntries),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(word, value), (map) => {
        expect(canonicalJson(map)).toBe(canonicalize(map));
      }),
      { numRuns: 2_000 },
    );
  });

  // Source: RFC 8785, section 3.2.3 and appendix B
  it.each([
    { value: { b: 1, a: 2 }, want: '{"a":2,"b":1}', why: "keys are sorted" },
    {
      value: { "\u{1f600}": 1, "\ufb33": 2 },
      want: '{"\u{1f600}":1,"\ufb33":2}',
      why: "by UTF-16 code units",
    },
    {
      value: [1e30, 4.5, 2e-3, 1e-27],
      want: "[1e+30,4.5,0.002,1e-27]",
      why: "as ECMAScript prints",
    },
    { value: -0, want: "0", why: "zero has no sign" },
    { value: "\u20ac$\u000f\nA'B\"\\/", want: '"€$\\u000f\\nA\'B\\"\\\\/"', why: "least escapes" },
  ])("$want: $why", ({ value, want }) => {
    expect(canonicalJson(value)).toBe(want);
  });

  it("refuses what JSON cannot hold", () => {
    expect(() => canonicalJson(undefined)).toThrow();
    expect(() => canonicalJson({ a: Number.NaN })).toThrow();
    expect(() => canonicalJson("\ud800")).toThrow();
  });
});

describe("sha256Hex", () => {
  // Source: FIPS 180-4 example
  it("hashes the UTF-8 form", () => {
    expect(sha256Hex("abc")).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
    expect(sha256Hex("ä")).toBe(sha256Hex(new TextEncoder().encode("ä")));
  });
});
