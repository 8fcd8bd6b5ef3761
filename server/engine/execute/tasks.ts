/** Vocabulary between the dispatcher, which knows the queue, and the executor, which knows tasks. */
import type { Json } from "../../core/flow/spec.ts";
import type { AttemptError } from "../../core/run/attempt-view.ts";
import type { AttemptOutcome } from "../../core/run/retry.ts";
import type { Claim } from "../../db/queue/queue.ts";

/** Why a running attempt is stopped from outside. */
export type StopCause =
  /** A person asked for it: SIGTERM, grace, SIGKILL. */
  | "cancelled"
  /** The runner shuts down and hands the task back: SIGKILL. */
  | "handed_back"
  /** The lease is in doubt or gone: SIGKILL. */
  | "lost";

export type Outcome =
  | { kind: "succeeded"; output?: Json }
  | { kind: AttemptOutcome; error: AttemptError };

const severity: Readonly<Record<StopCause, number>> = { cancelled: 1, handed_back: 2, lost: 3 };

/** Tasks right after another one that need a slot. */
export interface Followers {
  most: number;
  /** To be expected: one that needs four tasks counts as a quarter for each of them. */
  likely: number;
}

/** Before anybody has looked. */
export const UNKNOWN_FOLLOWERS: Followers = {
  most: Number.POSITIVE_INFINITY,
  likely: Number.POSITIVE_INFINITY,
};

/** One attempt in the hands of this runner. */
export class LiveTask {
  readonly claim: Claim;
  /** Known once the executor has looked at the revision. */
  followers = UNKNOWN_FOLLOWERS;
  #cause: StopCause | null = null;
  readonly #listeners: ((cause: StopCause) => void)[] = [];

  constructor(claim: Claim) {
    this.claim = claim;
  }

  /** Why the attempt is being stopped, or null. */
  get cause(): StopCause | null {
    return this.#cause;
  }

  /** Stops the attempt. A more pressing cause overrides an earlier one, never the other way round. */
  stop(cause: StopCause): void {
    if (this.#cause !== null && severity[this.#cause] >= severity[cause]) return;
    this.#cause = cause;
    for (const listener of this.#listeners) listener(cause);
  }

  /** Calls back for the present cause, if any, and for each later one. */
  onStop(listener: (cause: StopCause) => void): void {
    this.#listeners.push(listener);
    if (this.#cause !== null) listener(this.#cause);
  }
}

export interface Executor {
  /**
   * Executes one attempt. Never rejects: what goes wrong is an outcome. Resolves once nothing of
   * the attempt runs any more and its log is stored.
   */
  execute(task: LiveTask): Promise<Outcome>;
}

export const keyOf = (task: { runId: string; ordinal: number }): string =>
  `${task.runId} ${task.ordinal}`;
