import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json, ParamSchema } from "../spec.ts";
import {
  defaultParams,
  isRequired,
  MAX_PARAM_DEPTH,
  MAX_PARAM_VALUES,
  paramFromText,
  requiredParams,
  resolveParams,
} from "./params.ts";

const schemas: Record<string, ParamSchema> = {
  station: { type: "string", default: "seattle" },
  day: { type: "string", format: "date" },
  rows: { type: "integer", minimum: 1, default: 10 },
  note: { type: "string", required: false },
};

function errorsOf(given: Record<string, Json>, own = schemas): string[] {
  const resolved = resolveParams(own, given);
  return resolved.ok ? [] : resolved.errors.map(({ param, pointer }) => param + pointer);
}

describe("resolveParams", () => {
  it("gives every parameter a value: what was given, the default, or null", () => {
    expect(resolveParams(schemas, { day: "2024-02-29", rows: 3 })).toEqual({
      ok: true,
      value: { station: "seattle", day: "2024-02-29", rows: 3, note: null },
    });
  });

  it("does not take null for a value unless the schema or an optional parameter allows it", () => {
    expect(errorsOf({ day: "2024-02-29", note: null })).toEqual([]);
    expect(errorsOf({ day: null })).toEqual(["day"]);
    expect(errorsOf({ day: "2024-02-29", station: null })).toEqual(["station"]);
    expect(errorsOf({ p: null }, { p: { type: ["string", "null"] } })).toEqual([]);
  });

  it.each([
    { given: {}, want: ["day"], why: "no default: it must be given" },
    { given: { day: "2024-02-30" }, want: ["day"], why: "no such day" },
    { given: { day: "2024-02-29", rows: "3" }, want: ["rows"], why: "text is no integer" },
    { given: { day: "2024-02-29", rows: 0 }, want: ["rows"], why: "below the minimum" },
    { given: { day: "2024-02-29", staton: "x" }, want: ["staton"], why: "no such parameter" },
    { given: { rows: 0, staton: 1 }, want: ["staton", "day", "rows"], why: "all at once" },
    { given: { day: "a\0b" }, want: ["day"], why: "PostgreSQL cannot store NUL" },
    { given: { day: "\ud800" }, want: ["day"], why: "half a character" },
    { given: { day: { constructor: 1 } }, want: ["day"], why: "a refused key" },
    { given: JSON.parse('{"__proto__": 1}'), want: ["__proto__"], why: "a refused name" },
    { given: { day: "x".repeat(300_000) }, want: [""], why: "too large" },
    { given: { day: Array(20_000).fill(1) }, want: ["day"], why: "too many values" },
    { given: { toString: 1, day: "2024-02-29" }, want: ["toString"], why: "not inherited" },
  ] as { given: Record<string, Json>; want: string[]; why: string }[])(
    "refuses $want: $why",
    ({ given, want }) => {
      expect(errorsOf(given)).toEqual(want);
    },
  );

  it("refuses values nested too deep, however deep", () => {
    const nest = (levels: number): Json =>
      Array.from({ length: levels }).reduce<Json>((inner) => [inner], 1);
    const any: Record<string, ParamSchema> = { p: {} };
    expect(errorsOf({ p: nest(MAX_PARAM_DEPTH - 1) }, any)).toEqual([]);
    expect(errorsOf({ p: nest(MAX_PARAM_DEPTH) }, any)).toEqual(["p"]);
    expect(errorsOf({ p: nest(5_000) }, any)).toEqual(["p"]);
  });

  it("refuses more values than it can check at once", () => {
    const any: Record<string, ParamSchema> = { p: {} };
    expect(errorsOf({ p: Array(MAX_PARAM_VALUES - 1).fill(1) }, any)).toEqual([]);
    expect(errorsOf({ p: Array(MAX_PARAM_VALUES).fill(1) }, any)).toEqual(["p"]);
  });

  it("points to the place inside a value and says what may stand there", () => {
    const resolved = resolveParams(
      { p: { type: "array", items: { enum: ["a", "b"] } } },
      { p: ["a", "c"] },
    );
    expect(resolved).toEqual({
      ok: false,
      errors: [
        { param: "p", pointer: "/1", message: 'The parameter "p" at /1 must be one of "a", "b".' },
      ],
    });
  });

  it("returns what it resolved when given it again", { timeout: 60_000 }, () => {
    const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), value), (given) => {
        const free: Record<string, ParamSchema> = Object.fromEntries(
          ["a", "b", ...Object.keys(given)].map((name) => [name, { required: false }]),
        );
        const first = resolveParams(free, given as Record<string, Json>);
        expect(first.ok).toBe(true);
        if (first.ok) expect(resolveParams(free, first.value)).toEqual(first);
      }),
    );
  });

  it("never throws and never lets a value through that its schema refuses", {
    timeout: 60_000,
  }, () => {
    const fits: Record<string, (value: Json) => boolean> = {
      string: (value) => typeof value === "string",
      integer: (value) => Number.isInteger(value),
      number: (value) => typeof value === "number",
      boolean: (value) => typeof value === "boolean",
      array: (value) => Array.isArray(value),
      null: (value) => value === null,
    };
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(fits)), fc.jsonValue(), (type, value) => {
        const resolved = resolveParams({ p: { type } }, { p: value as Json });
        if (resolved.ok) expect(fits[type]?.(value as Json)).toBe(true);
        else if (fits[type]?.(value as Json)) {
          // Only the limits and refused characters are a reason left.
          expect(resolved.errors[0]?.message).toMatch(/hold|nested|larger/);
        }
      }),
    );
  });
});

describe("required and default", () => {
  it("requires what has no default, unless it says required: false", () => {
    expect(requiredParams(schemas)).toEqual(["day"]);
    expect(isRequired({ type: "string", required: true })).toBe(true);
    expect(defaultParams(schemas)).toEqual({ station: "seattle", rows: 10 });
  });
});

describe("paramFromText", () => {
  it.each([
    { schema: { type: "integer" }, text: "3", want: 3, why: "a number" },
    { schema: { type: "number" }, text: "-1.5e3", want: -1500, why: "with exponent" },
    { schema: { type: "integer" }, text: "03", want: "03", why: "a leading zero is no number" },
    { schema: { type: "integer" }, text: "many", want: "many", why: "left for validation" },
    { schema: { type: "boolean" }, text: "true", want: true, why: "a truth value" },
    { schema: { type: "string" }, text: "3", want: "3", why: "text stays text" },
    { schema: { type: ["string", "integer"] }, text: "3", want: "3", why: "text comes first" },
    { schema: { type: "array" }, text: "[1, 2]", want: [1, 2], why: "JSON" },
    { schema: { type: ["integer", "null"] }, text: "null", want: null, why: "null" },
    { schema: {}, text: "3", want: "3", why: "no type asks for a number" },
  ])("$text is $want: $why", ({ schema, text, want }) => {
    expect(paramFromText(schema, text)).toEqual(want);
  });
});
