/** What becomes of a task whose attempt ended without success. */
import { AppError } from "../errors.ts";
import { inRanges } from "../flow/ranges.ts";
import type { FailureMatch, RetryPolicy } from "../flow/spec.ts";
import type { AttemptError } from "./attempt-view.ts";
import { type EndedAttemptState, MAX_LOST_IN_ROW, SUSPECT_FROM } from "./states.ts";

/**
 * Wait before the next attempt: full jitter under min(cap, delay·factor^(failures−1)).
 * @param failures attempts that failed so far, the one that just did included; at least 1
 * @param policy   `attempts` counts the first try, so that 1 means no retry
 * @param unit     uniform in [0, 1), handed in so that a test can repeat it
 * @returns whole milliseconds, or null when no attempt is left
 * @throws AppError INVALID_INPUT when `failures` < 1
 * Source: AWS Architecture Blog, "Exponential Backoff And Jitter"
 */
export function nextDelayMs(failures: number, policy: RetryPolicy, unit: number): number | null {
  if (!Number.isInteger(failures) || failures < 1) {
    throw new AppError("INVALID_INPUT", `There is no failure number ${failures}.`);
  }
  if (failures >= policy.attempts) return null;
  const ceiling = Math.min(policy.capMs, policy.delayMs * policy.factor ** (failures - 1));
  return Math.floor(ceiling * unit);
}

/**
 * How an attempt ended without success. `handed_back` is a runner that shuts down: the attempt
 * counts as lost, but not against the task.
 */
export type AttemptOutcome = Exclude<EndedAttemptState, "succeeded"> | "handed_back";

export interface AttemptEndInput {
  outcome: AttemptOutcome;
  /** What the attempt said about its failure. */
  error: Pick<AttemptError, "exitCode" | "status">;
  /** Whole milliseconds since the task's first attempt started, losses and waits included. */
  elapsedMs: number;
  /** Failed and timed-out attempts before this one. */
  failures: number;
  /** Attempts lost in a row before this one. */
  lostInRow: number;
  /**
   * True when a task that had been lost as often began later on the same runner and was lost with it:
   * that one is to blame.
   */
  spared: boolean;
  policy: RetryPolicy;
  /** True when a person asked for the task or its run to be cancelled. */
  cancelRequested: boolean;
  /** Uniform in [0, 1). */
  unit: number;
}

/**
 * Why a failure is the last: no attempt is left; `retry_on` does not name it; `give_up_on` names it;
 * the next attempt would start after `give_up_after`; or the task lost too many runners.
 */
export type GiveUpReason = "exhausted" | "lost_too_often" | NonNullable<AttemptError["gaveUp"]>;

export type AttemptEndDecision =
  | { to: "retry_wait"; delayMs: number }
  | { to: "ready" }
  /** Ready later, apart from the tasks that were lost with it. */
  | { to: "set_apart" }
  | { to: "failed"; reason: GiveUpReason }
  | { to: "cancelled" };

/** Decides what follows an attempt that did not succeed. A request to cancel stops every retry. */
export function decideAfterAttempt(input: AttemptEndInput): AttemptEndDecision {
  switch (input.outcome) {
    case "cancelled":
      return { to: "cancelled" };
    case "lost":
      if (input.cancelRequested) return { to: "cancelled" };
      return afterLoss(input.lostInRow + 1, input.spared);
    case "handed_back":
      return { to: input.cancelRequested ? "cancelled" : "ready" };
    case "failed":
    case "timed_out": {
      const delayMs = nextDelayMs(input.failures + 1, input.policy, input.unit);
      if (delayMs === null) return { to: "failed", reason: "exhausted" };
      const reason = giveUpReason(input.outcome, delayMs, input);
      if (reason !== null) return { to: "failed", reason };
      return input.cancelRequested ? { to: "cancelled" } : { to: "retry_wait", delayMs };
    }
  }
}

/**
 * A task that kills its runner takes its neighbours along, and when all of them are tried again
 * together, they are lost together again. So those that were lost twice are tried one after the other,
 * and of those that are lost all the same only the one that began last is taken for poison.
 */
function afterLoss(losses: number, spared: boolean): AttemptEndDecision {
  if (losses < SUSPECT_FROM) return { to: "ready" };
  if (losses < MAX_LOST_IN_ROW || spared) return { to: "set_apart" };
  return { to: "failed", reason: "lost_too_often" };
}

function giveUpReason(
  outcome: FailureOutcome,
  delayMs: number,
  { policy, error, elapsedMs }: AttemptEndInput,
): NonNullable<AttemptError["gaveUp"]> | null {
  const failure = { ...error, outcome };
  if (policy.giveUpOn !== undefined && matchesFailure(policy.giveUpOn, failure)) return "given_up";
  if (policy.retryOn !== undefined && !matchesFailure(policy.retryOn, failure)) {
    return "not_retried";
  }
  const tooLate = policy.giveUpAfterMs !== undefined && elapsedMs + delayMs > policy.giveUpAfterMs;
  return tooLate ? "out_of_time" : null;
}

type FailureOutcome = "failed" | "timed_out";

/** A timeout is only ever named as such: an exit code that came with it is the kill's. */
export function matchesFailure(
  match: FailureMatch,
  failure: { outcome: FailureOutcome } & Pick<AttemptError, "exitCode" | "status">,
): boolean {
  if (failure.outcome === "timed_out") return match.timedOut === true;
  if (match.failed === true) return true;
  const { exitCode, status } = failure;
  return (
    (exitCode !== undefined && inRanges(exitCode, match.exit ?? [])) ||
    (status !== undefined && inRanges(status, match.http ?? []))
  );
}
