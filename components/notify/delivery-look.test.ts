import { expect, it } from "vitest";
import { nextTryAt } from "./delivery-look.ts";

const tries = [1, 2].map((number) => ({
  number,
  at: "2026-03-01T00:00:00.000Z",
  ms: 5,
  ok: false,
  message: "503",
}));

it("expects the next try as late as the queue makes it", () => {
  expect(nextTryAt({ state: "waiting", tries })).toBe("2026-03-01T00:00:07.389Z");
  const many = Array.from({ length: 12 }, () => tries[0]).flatMap((one) => one ?? []);
  expect(nextTryAt({ state: "waiting", tries: many })).toBe("2026-03-01T06:07:06.466Z");
});

it.each([
  { why: "has ended", delivery: { state: "failed" as const, tries } },
  { why: "was not tried yet", delivery: { state: "waiting" as const, tries: [] } },
])("expects none of a delivery that $why", ({ delivery }) => {
  expect(nextTryAt(delivery)).toBeNull();
});
