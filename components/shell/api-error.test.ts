import { expect, it } from "vitest";
import { apiErrorOf } from "./api-error.ts";

it("reads what the server said", () => {
  const thrown = Object.assign(new Error("x"), {
    data: {
      app: { code: "NOT_FOUND", message: "There is no run 7.", fix: "Look.", requestId: "abc" },
    },
  });
  expect(apiErrorOf(thrown)).toEqual({
    code: "NOT_FOUND",
    message: "There is no run 7.",
    fix: "Look.",
    problems: [],
    data: {},
    requestId: "abc",
  });
});

it.each([
  { thrown: new TypeError("Failed to fetch"), why: "the network failed" },
  { thrown: { data: { app: { code: "MADE_UP", message: "x", requestId: "a" } } }, why: "no code" },
  { thrown: "text", why: "not an object" },
  { thrown: null, why: "nothing" },
])("gives null: $why", ({ thrown }) => {
  expect(apiErrorOf(thrown)).toBeNull();
});
