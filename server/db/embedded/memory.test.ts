import { totalmem } from "node:os";
import { expect, it } from "vitest";
import { memoryThere, sharedBuffersMb } from "./memory.ts";

const GB = 1024 ** 3;

it.each([
  { bytes: GB / 2, want: 128, why: "never less than PostgreSQL's own default" },
  { bytes: 2 * GB, want: 256, why: "an eighth" },
  { bytes: 8 * GB, want: 1_024, why: "an eighth" },
  { bytes: 64 * GB, want: 2_048, why: "the machine is for tasks" },
])("keeps $want MB of $bytes bytes: $why", ({ bytes, want }) => {
  expect(sharedBuffersMb(bytes)).toBe(want);
});

it("knows how much memory there is", () => {
  expect(memoryThere()).toBeGreaterThan(GB / 8);
  expect(memoryThere()).toBeLessThanOrEqual(totalmem());
});
