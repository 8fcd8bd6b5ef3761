import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RetryPolicy } from "../flow/spec.ts";
import { type AttemptEndInput, decideAfterAttempt, nextDelayMs } from "./retry.ts";

const policy: RetryPolicy = { attempts: 4, delayMs: 1_000, factor: 2, capMs: 3_000 };

describe("the wait before the next attempt", () => {
  it.each([
    { failures: 1, unit: 0.5, want: 500, why: "half of the delay" },
    { failures: 2, unit: 0.5, want: 1_000, why: "the ceiling doubles" },
    { failures: 3, unit: 0.5, want: 1_500, why: "the cap holds, not 4 s" },
    { failures: 3, unit: 0, want: 0, why: "full jitter reaches down to nothing" },
    { failures: 4, unit: 0.5, want: null, why: "four attempts are four attempts" },
    { failures: 5, unit: 0.5, want: null, why: "none is left either when one was too many" },
  ])("after $failures failures, at $unit: $want ms: $why", ({ failures, unit, want }) => {
    expect(nextDelayMs(failures, policy, unit)).toBe(want);
  });

  it("is refused for a failure that has not happened", () => {
    expect(() => nextDelayMs(0, policy, 0)).toThrow("no failure number 0");
  });

  it("is whole and never beyond the cap", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.double({ min: 1, max: 10, noNaN: true }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (failures, factor, unit) => {
          const delay = nextDelayMs(failures, { ...policy, attempts: 101, factor }, unit);
          expect(Number.isInteger(delay)).toBe(true);
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThan(policy.capMs);
        },
      ),
    );
  });
});

describe("what follows an attempt", () => {
  const base: AttemptEndInput = {
    outcome: "failed",
    failures: 0,
    lostInRow: 0,
    policy,
    cancelRequested: false,
    unit: 0.5,
  };
  it.each([
    { input: {}, want: { to: "retry_wait", delayMs: 500 }, why: "there is a retry left" },
    {
      input: { outcome: "timed_out" },
      want: { to: "retry_wait", delayMs: 500 },
      why: "so it is after a timeout",
    },
    {
      input: { failures: 3 },
      want: { to: "failed", reason: "exhausted" },
      why: "the last retry is used up",
    },
    {
      input: { cancelRequested: true },
      want: { to: "cancelled" },
      why: "a request to cancel stops retries",
    },
    {
      input: { cancelRequested: true, failures: 3 },
      want: { to: "failed", reason: "exhausted" },
      why: "it failed before the request could matter",
    },
    { input: { outcome: "lost" }, want: { to: "ready" }, why: "a loss uses up no retry" },
    {
      input: { outcome: "lost", failures: 3 },
      want: { to: "ready" },
      why: "not even the last one",
    },
    {
      input: { outcome: "lost", lostInRow: 2 },
      want: { to: "failed", reason: "lost_too_often" },
      why: "the third in a row is poison",
    },
    {
      input: { outcome: "lost", cancelRequested: true },
      want: { to: "cancelled" },
      why: "nobody wants it any more",
    },
    {
      input: { outcome: "handed_back", lostInRow: 2 },
      want: { to: "ready" },
      why: "a shutdown is not the task's fault",
    },
    {
      input: { outcome: "handed_back", cancelRequested: true },
      want: { to: "cancelled" },
      why: "nobody wants it any more",
    },
    { input: { outcome: "cancelled" }, want: { to: "cancelled" }, why: "it was cancelled" },
  ] as const)("$input is $want.to: $why", ({ input, want }) => {
    expect(decideAfterAttempt({ ...base, ...input })).toEqual(want);
  });
});
