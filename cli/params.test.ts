import { describe, expect, it } from "vitest";
import { collectParam, readParams } from "./params.ts";

describe("collectParam", () => {
  it.each([
    { text: "a=1", want: ["a", "1"], why: "the plain case" },
    { text: "a=", want: ["a", ""], why: "an empty text is a value" },
    { text: "a=b=c", want: ["a", "b=c"], why: "the first equals sign divides" },
  ])("$text: $why", ({ text, want }) => {
    expect(collectParam(text, [["x", "y"]])).toEqual([["x", "y"], want]);
  });

  it.each(["a", "=1", ""])("refuses %j", (text) => {
    expect(() => collectParam(text, [])).toThrowError(expect.objectContaining({ code: "USAGE" }));
  });
});

describe("readParams", () => {
  it.each([
    { schema: { type: "string" }, text: "12", want: "12", why: "a string stays what was typed" },
    { schema: { type: "string" }, text: "true", want: "true", why: "also when it looks like JSON" },
    { schema: { type: "integer" }, text: "12", want: 12, why: "a number is read" },
    { schema: { type: "boolean" }, text: "false", want: false, why: "false is not a text" },
    { schema: { type: "array" }, text: "[1,2]", want: [1, 2], why: "a list is JSON" },
    {
      schema: { type: ["string", "null"] },
      text: "null",
      want: "null",
      why: "text where text may be",
    },
    { schema: { enum: ["1", "2"] }, text: "1", want: "1", why: "choices of texts are texts" },
    { schema: { enum: [1, 2] }, text: "1", want: 1, why: "choices of numbers are numbers" },
    { schema: {}, text: "plain", want: "plain", why: "no type and no JSON: the text" },
    { schema: {}, text: "3", want: 3, why: "no type, but JSON" },
  ])("$text for $schema: $why", ({ schema, text, want }) => {
    expect(readParams([["p", text]], { p: schema })).toEqual({ p: want });
  });

  it("leaves an unknown parameter for the server to refuse", () => {
    expect(readParams([["toString", "x"]], {})).toEqual({ toString: "x" });
  });

  it("refuses what is no JSON where no string may be", () => {
    expect(() => readParams([["n", "twelve"]], { n: { type: "integer" } })).toThrow(
      'The parameter "n" is integer; "twelve" is not.',
    );
  });
});
