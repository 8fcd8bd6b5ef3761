import { expect, it } from "vitest";
import { restartDelayMs } from "./child.ts";

it.each([
  { crashes: 1, want: 250, why: "the first comes soon" },
  { crashes: 2, want: 500, why: "doubled" },
  { crashes: 6, want: 8_000, why: "doubled each time" },
  { crashes: 7, want: 10_000, why: "the cap holds, not 16 s" },
  { crashes: 2_000, want: 10_000, why: "and no overflow after it" },
])("after $crashes crashes a child waits $want ms: $why", ({ crashes, want }) => {
  expect(restartDelayMs(crashes)).toBe(want);
});
