/** What people and programs see of the retry advisor. */
import type { AttemptError } from "./attempt-view.ts";

/** How often the n-th attempt succeeded, when it came to that. Lost attempts do not count. */
export interface AttemptChance {
  /** 1-based. */
  attempt: number;
  tries: number;
  successes: number;
}

/** Failures with one fingerprint, exit code and status. */
export interface ErrorGroup {
  fingerprint: string;
  kind: AttemptError["kind"];
  exitCode: number | null;
  status: number | null;
  failures: number;
  /** Failures after which another attempt followed, and how many of those task runs succeeded in the end. */
  retried: number;
  recovered: number;
  /** The newest run with it. */
  run: string;
  /** What `give_up_on` would have to say, when retrying this error has not helped. */
  giveUpOn: string | null;
}

export type RetryVerdict = "too_many" | "too_few" | "fine";

/** Why there is no verdict: too few failures, or no failure was ever followed by another try. */
export type NoVerdict = "few_failures" | "never_retried";

export interface TaskRetryAdvice {
  task: string;
  /** Attempts that the current revision allows. */
  attempts: number;
  /** Failed and timed-out attempts looked at. */
  failures: number;
  verdict: RetryVerdict | null;
  /** Null with a verdict. */
  silence: NoVerdict | null;
  /** Attempts that the verdict proposes; null when it proposes no other number. */
  proposed: number | null;
  /** Empty without a verdict. */
  chances: AttemptChance[];
  /** First tries in reruns started within an hour of the failure. */
  reruns: { tries: number; successes: number };
  /** Retries of task runs that failed in the end, and the time from the first failure to the last, waits included. */
  hopeless: { retries: number; ms: number };
  /** Most frequent first, at most 10; empty without a verdict. */
  errors: ErrorGroup[];
}

export interface RetryAdvice {
  flow: string;
  revision: number;
  /** Runs looked at, newest first, and when the oldest of them was created; null without runs. */
  runs: number;
  since: string | null;
  /** Below this many failures nothing is said about a task. */
  minFailures: number;
  /** Tasks of the current revision that have failed, most failures first. */
  tasks: TaskRetryAdvice[];
  /** Tasks of the current revision that have not failed. */
  quiet: number;
}
