import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mergeRanges } from "../flow/ranges.ts";
import type { FailureMatch, RetryPolicy } from "../flow/spec.ts";
import { type AttemptEndInput, decideAfterAttempt, matchesFailure, nextDelayMs } from "./retry.ts";

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
    error: {},
    elapsedMs: 0,
    failures: 0,
    lostInRow: 0,
    spared: false,
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
      input: { outcome: "lost", lostInRow: 1 },
      want: { to: "set_apart" },
      why: "after the second it is tried apart from what was lost with it",
    },
    {
      input: { outcome: "lost", lostInRow: 2, spared: true },
      want: { to: "set_apart" },
      why: "another suspect of the runner is to blame",
    },
    {
      input: { outcome: "lost", lostInRow: 7 },
      want: { to: "failed", reason: "lost_too_often" },
      why: "it was spared before, and nobody else is left to blame",
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

  const again = { to: "retry_wait", delayMs: 500 } as const;
  const no = (reason: string) => ({ to: "failed", reason });
  it.each<{
    rule: Partial<RetryPolicy>;
    end: Partial<AttemptEndInput>;
    want: object;
    why: string;
  }>([
    {
      rule: { retryOn: { timedOut: true } },
      end: { error: { exitCode: 1 } },
      want: no("not_retried"),
      why: "only timeouts are tried again",
    },
    {
      rule: { retryOn: { timedOut: true } },
      end: { outcome: "timed_out" },
      want: again,
      why: "and this is one",
    },
    {
      rule: { retryOn: { failed: true } },
      end: { outcome: "timed_out" },
      want: no("not_retried"),
      why: "a timeout is no plain failure",
    },
    {
      rule: { retryOn: { exit: [[75, 75]] } },
      end: { error: { exitCode: 75 } },
      want: again,
      why: "the code is named",
    },
    {
      rule: { retryOn: { exit: [[64, 78]] } },
      end: { error: { exitCode: 79 } },
      want: no("not_retried"),
      why: "one beyond the range",
    },
    {
      rule: { retryOn: { exit: [[1, 255]] } },
      end: { error: { status: 200 } },
      want: no("not_retried"),
      why: "a status is no exit code",
    },
    {
      rule: { retryOn: { exit: [[143, 143]] } },
      end: { outcome: "timed_out", error: { exitCode: 143 } },
      want: no("not_retried"),
      why: "the exit code of a timeout is that of the kill",
    },
    {
      rule: { retryOn: { http: [[500, 599]] } },
      end: { error: { status: 503 } },
      want: again,
      why: "5xx is named",
    },
    {
      rule: { retryOn: { failed: true }, giveUpOn: { http: [[404, 404]] } },
      end: { error: { status: 404 } },
      want: no("given_up"),
      why: "giving up wins",
    },
    {
      rule: { giveUpOn: { exit: [[2, 2]] } },
      end: { error: { exitCode: 3 } },
      want: again,
      why: "another code than the hopeless one",
    },
    {
      rule: { giveUpOn: { exit: [[2, 2]] } },
      end: { outcome: "lost", error: { exitCode: 2 } },
      want: { to: "ready" },
      why: "a lost attempt said nothing about its task",
    },
    {
      rule: { giveUpAfterMs: 10_000 },
      end: { elapsedMs: 9_500 },
      want: again,
      why: "the wait just fits",
    },
    {
      rule: { giveUpAfterMs: 10_000 },
      end: { elapsedMs: 9_501 },
      want: no("out_of_time"),
      why: "the next start would come too late",
    },
    {
      rule: { giveUpOn: { exit: [[2, 2]] } },
      end: { error: { exitCode: 2 }, failures: 3 },
      want: no("exhausted"),
      why: "nothing was left to give up",
    },
    {
      rule: { retryOn: { timedOut: true } },
      end: { cancelRequested: true },
      want: no("not_retried"),
      why: "it failed before the request could matter",
    },
  ])("$rule after $end is $want: $why", ({ rule, end, want }) => {
    expect(decideAfterAttempt({ ...base, ...end, policy: { ...policy, ...rule } })).toEqual(want);
  });

  const match: fc.Arbitrary<FailureMatch> = fc
    .record({
      failed: fc.boolean(),
      timedOut: fc.boolean(),
      exit: fc.array(fc.tuple(fc.integer({ min: 1, max: 255 }), fc.integer({ min: 0, max: 9 }))),
    })
    .map(({ failed, timedOut, exit }) => ({
      ...(failed ? { failed } : {}),
      ...(timedOut ? { timedOut } : {}),
      exit: mergeRanges(exit.map(([from, length]) => [from, from + length])),
    }));
  const failure = fc.record({
    outcome: fc.constantFrom("failed" as const, "timed_out" as const),
    error: fc.record({ exitCode: fc.integer({ min: 1, max: 255 }) }),
    failures: fc.nat({ max: 5 }),
    elapsedMs: fc.nat({ max: 20_000 }),
    cancelRequested: fc.boolean(),
    unit: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  });

  it("is a retry only if the plain policy has one, and rules only take retries away", () => {
    fc.assert(
      fc.property(failure, match, match, fc.nat({ max: 20_000 }), (end, retryOn, giveUpOn, ms) => {
        const input = { ...base, ...end };
        const plain = decideAfterAttempt(input);
        const ruled = decideAfterAttempt({
          ...input,
          policy: { ...policy, retryOn, giveUpOn, giveUpAfterMs: ms },
        });
        if (ruled.to !== "failed") expect(ruled).toEqual(plain);
        if (ruled.to === "retry_wait") {
          const named = { ...end.error, outcome: end.outcome };
          expect(matchesFailure(retryOn, named)).toBe(true);
          expect(matchesFailure(giveUpOn, named)).toBe(false);
          expect(end.elapsedMs + ruled.delayMs).toBeLessThanOrEqual(ms);
        }
      }),
    );
  });

  it("ends: a task has no more failures than attempts, whatever they are", () => {
    fc.assert(
      fc.property(fc.array(failure, { minLength: 4, maxLength: 8 }), (ends) => {
        let failures = 0;
        for (const end of ends) {
          const decision = decideAfterAttempt({
            ...base,
            ...end,
            failures,
            cancelRequested: false,
          });
          failures++;
          if (decision.to !== "retry_wait") break;
        }
        expect(failures).toBe(policy.attempts);
      }),
    );
  });
});
