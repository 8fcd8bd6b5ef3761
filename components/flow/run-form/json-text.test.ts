import { expect, it } from "vitest";
import { readJsonText, writeJsonText } from "./json-text.ts";

it("brings back what it wrote", () => {
  const value = { a: 1, b: { c: [1, null, "x"] } };
  expect(readJsonText(writeJsonText(value))).toEqual(value);
});

it("takes empty text for a value that is not given", () => {
  expect(writeJsonText(undefined)).toBe("");
  expect(readJsonText(" \n")).toBeUndefined();
});

it("hands on what is no JSON as it was typed", () => {
  expect(readJsonText('{"a": ')).toBe('{"a": ');
});
