/**
 * How much retry is right, from what happened. A verdict names a number of attempts only when the
 * attempts that were made speak for it; everything it rests on is handed out with it.
 */
import { failureNames } from "../flow/failure-names.ts";
import type {
  AttemptChance,
  ErrorGroup,
  NoVerdict,
  RetryVerdict,
  TaskRetryAdvice,
} from "./advice-view.ts";
import type { AttemptError } from "./attempt-view.ts";
import { fingerprint } from "./fingerprint.ts";

/** Below this many failures nothing is said. */
export const MIN_FAILURES = 20;
/** Fewer tries than this of a kind prove nothing about the kind. */
const MIN_TRIES = 10;
/** Retries that succeed at most this often are hopeless. */
const HOPELESS = 0.05;
/** A last try that succeeds at least this often makes another one worth while. */
const WORTH = 0.5;
/** So many task runs must have used up all attempts before more are proposed. */
const MIN_EXHAUSTED = 5;
const MAX_GROUPS = 10;

/** One counted attempt: lost and cancelled ones say nothing about the task. */
export interface CountedAttempt {
  state: "succeeded" | "failed" | "timed_out";
  /** Milliseconds since the epoch. */
  startedAt: number;
  finishedAt: number;
  error: AttemptError | null;
}

/** A task run with at least one failure. */
export interface TaskHistory {
  run: string;
  /** In order; at least one. */
  attempts: CountedAttempt[];
  /** True when the task run ended as failed. */
  failed: boolean;
}

export interface TaskRecord {
  task: string;
  /** Attempts that the current policy allows. */
  allowed: number;
  /** Task runs that succeeded at the first attempt. */
  firstTime: number;
  /** Task runs with failures, newest first. */
  histories: readonly TaskHistory[];
  /** First tries in reruns that came soon after a failure. */
  reruns: { tries: number; successes: number };
}

/** What a task's history says about its retry policy. */
export function adviseRetries(record: TaskRecord): TaskRetryAdvice {
  const { task, allowed, histories, reruns } = record;
  const failures = histories.reduce(
    (sum, { attempts }) => sum + attempts.filter(isFailure).length,
    0,
  );
  const base = { task, attempts: allowed, failures, reruns, hopeless: hopelessOf(histories) };
  const silent = (silence: NoVerdict): TaskRetryAdvice => ({
    ...base,
    verdict: null,
    silence,
    proposed: null,
    chances: [],
    errors: [],
  });
  if (failures < MIN_FAILURES) return silent("few_failures");
  const chances = chancesOf(record);
  const verdict = judge(chances, allowed, histories, reruns);
  if (verdict === null)
    return { ...silent("never_retried"), chances, errors: groupErrors(histories) };
  return { ...base, ...verdict, silence: null, chances, errors: groupErrors(histories) };
}

function judge(
  chances: readonly AttemptChance[],
  allowed: number,
  histories: readonly TaskHistory[],
  reruns: TaskRecord["reruns"],
): { verdict: RetryVerdict; proposed: number | null } | null {
  const hopelessFrom = firstHopeless(chances);
  if (hopelessFrom !== null && allowed >= hopelessFrom) {
    return { verdict: "too_many", proposed: hopelessFrom - 1 };
  }
  const more = oneMore(chances, allowed, reruns);
  const exhausted = histories.filter(
    ({ attempts }) => attempts.length >= allowed && attempts.slice(0, allowed).every(isFailure),
  ).length;
  if (more.tries >= MIN_TRIES && exhausted >= MIN_EXHAUSTED) {
    if (more.successes / more.tries >= WORTH) return { verdict: "too_few", proposed: allowed + 1 };
  }
  const retries = chances.slice(1).reduce((sum, { tries }) => sum + tries, 0);
  return retries + reruns.tries < MIN_TRIES ? null : { verdict: "fine", proposed: null };
}

/**
 * What tells best how one more attempt would fare: those that an earlier policy made, reruns by hand
 * where there is no retry, and the last attempt that is allowed.
 */
function oneMore(
  chances: readonly AttemptChance[],
  allowed: number,
  reruns: TaskRecord["reruns"],
): { tries: number; successes: number } {
  const none = { tries: 0, successes: 0 };
  const next = chances[allowed] ?? none;
  if (allowed === 1) {
    return { tries: next.tries + reruns.tries, successes: next.successes + reruns.successes };
  }
  return next.tries >= MIN_TRIES ? next : (chances[allowed - 1] ?? none);
}

/** The first attempt from which on all tries together hardly ever succeeded; null when there is none. */
function firstHopeless(chances: readonly AttemptChance[]): number | null {
  let [tries, successes] = [0, 0];
  let found: number | null = null;
  for (const chance of chances.slice(1).reverse()) {
    tries += chance.tries;
    successes += chance.successes;
    // A later attempt that helps must not hide among earlier ones that do not, nor the reverse.
    if (chance.tries >= MIN_TRIES && chance.successes / chance.tries > HOPELESS) break;
    if (tries >= MIN_TRIES && successes / tries <= HOPELESS) found = chance.attempt;
  }
  return found;
}

function chancesOf({ firstTime, histories }: TaskRecord): AttemptChance[] {
  const chances: AttemptChance[] = [{ attempt: 1, tries: firstTime, successes: firstTime }];
  for (const { attempts } of histories) {
    attempts.forEach(({ state }, index) => {
      const chance = chances[index] ?? { attempt: index + 1, tries: 0, successes: 0 };
      chances[index] = {
        ...chance,
        tries: chance.tries + 1,
        successes: chance.successes + (state === "succeeded" ? 1 : 0),
      };
    });
  }
  return chances;
}

function hopelessOf(histories: readonly TaskHistory[]): { retries: number; ms: number } {
  const total = { retries: 0, ms: 0 };
  for (const { failed, attempts } of histories) {
    const [first, last] = [attempts[0], attempts.at(-1)];
    if (!failed || first === undefined || last === undefined || attempts.length < 2) continue;
    total.retries += attempts.length - 1;
    total.ms += Math.max(0, last.finishedAt - first.finishedAt);
  }
  return total;
}

/** Failures by what they say, most frequent first. */
export function groupErrors(histories: readonly TaskHistory[]): ErrorGroup[] {
  const groups = new Map<string, ErrorGroup>();
  for (const { run, attempts } of histories) {
    const recovered = attempts.at(-1)?.state === "succeeded";
    attempts.forEach((attempt, index) => {
      if (!isFailure(attempt)) return;
      const error = attempt.error ?? { kind: "exception", message: "" };
      const text = fingerprint(error.message);
      const [exitCode, status] = [error.exitCode ?? null, error.status ?? null];
      const key = JSON.stringify([error.kind, exitCode, status, text]);
      const group = groups.get(key) ?? {
        fingerprint: text,
        kind: error.kind,
        exitCode,
        status,
        failures: 0,
        retried: 0,
        recovered: 0,
        run,
        giveUpOn: null,
      };
      const retried = index < attempts.length - 1;
      groups.set(key, {
        ...group,
        failures: group.failures + 1,
        retried: group.retried + (retried ? 1 : 0),
        recovered: group.recovered + (retried && recovered ? 1 : 0),
      });
    });
  }
  const all = [...groups.values()];
  return all
    .map((group) => ({ ...group, giveUpOn: ruleFor(group, all) }))
    .sort((a, b) => b.failures - a.failures || (a.fingerprint < b.fingerprint ? -1 : 1))
    .slice(0, MAX_GROUPS);
}

/** A rule is proposed only when it takes no retry away from an error that retries have helped. */
function ruleFor(group: ErrorGroup, all: readonly ErrorGroup[]): string | null {
  const { exitCode, status } = group;
  const match =
    exitCode !== null
      ? { exit: [[exitCode, exitCode]] as [number, number][] }
      : status !== null
        ? { http: [[status, status]] as [number, number][] }
        : null;
  if (match === null || group.kind === "timeout") return null;
  const same = all.filter((other) => other.exitCode === exitCode && other.status === status);
  const retried = same.reduce((sum, other) => sum + other.retried, 0);
  const recovered = same.reduce((sum, other) => sum + other.recovered, 0);
  if (retried < MIN_TRIES || recovered / retried > HOPELESS) return null;
  return failureNames(match)[0] ?? null;
}

function isFailure(attempt: CountedAttempt): boolean {
  return attempt.state !== "succeeded";
}
