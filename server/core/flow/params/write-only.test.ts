import { describe, expect, it } from "vitest";
import type { ParamSchema } from "../spec.ts";
import { HIDDEN, hideWriteOnly, keepHidden } from "./write-only.ts";

const secret = { type: "string", writeOnly: true };

describe("hideWriteOnly", () => {
  it.each([
    { schema: secret, value: "x", want: HIDDEN, why: "text" },
    { schema: { type: "integer", writeOnly: true }, value: 7, want: HIDDEN, why: "a number" },
    { schema: secret, value: null, want: null, why: "nothing was given, which is no secret" },
    { schema: { type: "string" }, value: "x", want: "x", why: "nothing is marked" },
    { schema: { type: "string", writeOnly: false }, value: "x", want: "x", why: "marked as open" },
    {
      schema: { type: "object", properties: { user: { type: "string" }, key: secret } },
      value: { user: "ann", key: "x" },
      want: { user: "ann", key: HIDDEN },
      why: "inside an object",
    },
    {
      schema: { type: "object", additionalProperties: secret },
      value: { a: "x" },
      want: { a: HIDDEN },
      why: "under keys of any name",
    },
    {
      schema: { type: "object", patternProperties: { "^k": secret } },
      value: { k1: "x" },
      want: { k1: HIDDEN },
      why: "under keys of a pattern",
    },
    {
      schema: { type: "array", items: secret },
      value: ["x", "y"],
      want: [HIDDEN, HIDDEN],
      why: "in a list",
    },
    {
      schema: { type: "array", prefixItems: [{ type: "string" }, secret] },
      value: ["x", "y"],
      want: ["x", HIDDEN],
      why: "at its place in a list",
    },
    {
      schema: { oneOf: [{ type: "integer" }, secret] },
      value: "x",
      want: HIDDEN,
      why: "in one of several forms",
    },
  ])("shows $want: $why", ({ schema, value, want }) => {
    expect(hideWriteOnly({ p: schema as ParamSchema }, { p: value })).toEqual({ p: want });
  });

  it("leaves alone what the revision does not know", () => {
    expect(hideWriteOnly({}, { constructor: "x" })).toEqual({ constructor: "x" });
  });
});

describe("keepHidden", () => {
  const real = { token: "x", db: { user: "ann", key: "y" } };
  const seen = { token: HIDDEN, db: { user: "ann", key: HIDDEN } };

  it("puts back what was not touched, wherever it stands", () => {
    const edited = { token: HIDDEN, db: { user: "bob", key: HIDDEN } };
    expect(keepHidden(edited, seen, real)).toEqual({ token: "x", db: { user: "bob", key: "y" } });
  });

  it("takes what is new", () => {
    expect(keepHidden({ token: "z", more: 1 }, seen, real)).toEqual({ token: "z", more: 1 });
  });

  it("takes the mark itself for a value where nothing was hidden", () => {
    expect(keepHidden({ note: HIDDEN }, { note: "n" }, { note: "n" })).toEqual({ note: HIDDEN });
  });
});
