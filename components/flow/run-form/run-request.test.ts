import { expect, it } from "vitest";
import { type RunRequest, randomKey, requestKeys } from "./run-request.ts";

const request = (limit: number): RunRequest => ({
  flow: "f",
  revision: 1,
  params: { limit },
  timezone: "UTC",
});

it("keeps the key of an unchanged request and gives a changed one a new key", () => {
  let count = 0;
  const keyOf = requestKeys(() => `key-${++count}`);
  expect(keyOf(request(1))).toBe("key-1");
  expect(keyOf(request(1))).toBe("key-1");
  expect(keyOf(request(2))).toBe("key-2");
  expect(keyOf(request(1))).toBe("key-3");
});

it("makes keys that do not repeat", () => {
  expect(randomKey()).toMatch(/^[0-9a-f]{32}$/);
  expect(randomKey()).not.toBe(randomKey());
});
