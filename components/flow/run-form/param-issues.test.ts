import { expect, it } from "vitest";
import type { Json, ParamSchema } from "#server/core/flow/spec.ts";
import { fits, paramIssues } from "./param-issues.ts";

it.each<{ schema: ParamSchema; value: Json; want: string | null; why: string }>([
  { schema: { type: "integer", minimum: 1 }, value: 0, want: "minimum", why: "too small" },
  { schema: { type: "number", exclusiveMinimum: 3 }, value: 3, want: "above", why: "not above" },
  { schema: { type: "integer" }, value: 1.5, want: "type", why: "not whole" },
  { schema: { type: "integer" }, value: "x", want: "type", why: "not a number" },
  { schema: { enum: ["csv", "parquet"] }, value: "xml", want: "choice", why: "not a choice" },
  { schema: { type: "string", maxLength: 2 }, value: "abc", want: "maxLength", why: "too long" },
  { schema: { type: "string", pattern: "^a" }, value: "b", want: "pattern", why: "no match" },
  { schema: { type: "string", format: "date" }, value: "2012-02-30", want: "date", why: "no day" },
  {
    schema: { type: "string", format: "date-time" },
    value: "2012-01-01T00:00",
    want: "dateTime",
    why: "no offset",
  },
  {
    schema: { type: "string", format: "date-time" },
    value: "2012-01-01T00:00:00+09:00",
    want: null,
    why: "with offset",
  },
  {
    schema: { type: "array", items: { type: "string" }, minItems: 1 },
    value: [],
    want: "minItems",
    why: "empty",
  },
  { schema: { type: "number", multipleOf: 5 }, value: 3, want: "multipleOf", why: "no multiple" },
  {
    schema: { not: { type: "string" } },
    value: "x",
    want: null,
    why: "unknown keywords are the server's affair",
  },
  {
    schema: { type: "string", required: false, default: "a" },
    value: "b",
    want: null,
    why: "words of flows are no JSON Schema",
  },
])("$why", ({ schema, value, want }) => {
  const keys = paramIssues({ p: schema }, [], { p: value }).map((issue) => issue.key);
  expect(keys).toEqual(want === null ? [] : [want]);
});

it("asks only for what must be given", () => {
  const schemas: Record<string, ParamSchema> = { a: { type: "string" }, b: { type: "string" } };
  expect(paramIssues(schemas, ["b"], {})).toEqual([{ path: ["b"], key: "required", values: {} }]);
});

it("places an issue inside a list", () => {
  const schemas: Record<string, ParamSchema> = { p: { type: "array", items: { type: "string" } } };
  expect(paramIssues(schemas, [], { p: ["x", 1] })[0]?.path).toEqual(["p", 1]);
});

it("tells the branches of a choice apart", () => {
  expect(fits({ type: "string" }, "x")).toBe(true);
  expect(fits({ type: "string" }, 1)).toBe(false);
  expect(fits({ if: { type: "string" } }, 1)).toBe(true);
});
