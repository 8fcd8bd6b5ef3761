import { describe, expect, it } from "vitest";
import { randomKey, requestKeys } from "./request-keys.ts";

describe("requestKeys", () => {
  it("gives equal requests one key and others another", () => {
    let made = 0;
    const keyOf = requestKeys(() => `key-${++made}`);
    expect(keyOf({ id: "1", scope: "failed" })).toBe("key-1");
    expect(keyOf({ id: "1", scope: "failed" })).toBe("key-1");
    expect(keyOf({ id: "1", scope: "all" })).toBe("key-2");
    expect(made).toBe(2);
  });
});

describe("randomKey", () => {
  it("is long enough to be unique and never repeats", () => {
    expect(randomKey()).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set(Array.from({ length: 100 }, randomKey)).size).toBe(100);
  });
});
