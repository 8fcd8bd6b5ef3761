import { expect, it } from "vitest";
import type { ApiError } from "#components/shell/api-error.ts";
import { errorTree, splitRefusal } from "./form-errors.ts";

const refusal = (data: ApiError["data"], code: ApiError["code"] = "INVALID_PARAMS"): ApiError => ({
  code,
  message: "The parameters are invalid.",
  fix: null,
  problems: [],
  data,
  requestId: "r",
});

it("places errors of the server at their fields", () => {
  const { fields, general } = splitRefusal(
    refusal({
      fields: [
        { param: "limit", pointer: "", message: "too small" },
        { param: "files", pointer: "/0/a~1b", message: "not a string" },
      ],
    }),
  );
  expect(general).toBeNull();
  expect(fields).toEqual([
    { path: ["limit"], message: "too small" },
    { path: ["files", "0", "a/b"], message: "not a string" },
  ]);
});

it("keeps what concerns no field for the form as a whole", () => {
  const { fields, general } = splitRefusal(
    refusal({ fields: [{ param: "", pointer: "", message: "too large" }] }),
  );
  expect(fields).toEqual([]);
  expect(general).toBe("too large");
});

it("passes on other refusals", () => {
  expect(splitRefusal(refusal({}, "FLOW_ARCHIVED"))).toEqual({
    fields: [],
    general: "The parameters are invalid.",
  });
});

it("builds a tree, and names like __proto__ stay plain keys", () => {
  const tree = errorTree([
    { path: ["a"], message: "one" },
    { path: ["a"], message: "two" },
    { path: ["b", 0], message: "three" },
    { path: ["__proto__", "x"], message: "four" },
  ]);
  expect(JSON.stringify(tree)).toBe(
    '{"a":{"__errors":["one","two"]},"b":{"0":{"__errors":["three"]}},"__proto__":{"x":{"__errors":["four"]}}}',
  );
  expect(({} as Record<string, unknown>).x).toBeUndefined();
});
