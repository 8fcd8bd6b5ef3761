import { expect, it } from "vitest";
import { parseParams, writeParams } from "./params-text.ts";

it("reads what it writes", () => {
  const values = { a: 1, b: ["x"], c: { d: null } };
  expect(parseParams(writeParams(values))).toEqual({ ok: true, values });
});

it("takes empty text for no parameters", () => {
  expect(parseParams("  ")).toEqual({ ok: true, values: {} });
});

it("tells what is not JSON", () => {
  expect(parseParams('{ "a": 1, }')).toEqual({ ok: false, reason: "syntax" });
});

it.each(["[]", "1", "null", '"x"'])("%s is JSON but no parameters", (text) => {
  expect(parseParams(text)).toEqual({ ok: false, reason: "shape" });
});
