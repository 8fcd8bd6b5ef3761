import { setTimeout as sleep } from "node:timers/promises";
import { isLocked, isRetryable } from "../../db/failures.ts";
import type { Success } from "../../db/queue/queue.ts";

const REST_MS = 500;

export interface LockedReportsOptions {
  /** Stores one success, on a connection that nothing else uses. */
  store: (success: Success) => Promise<void>;
  /** The database does not take it, for its content. */
  onRefused: (success: Success, error: unknown) => void;
  onError: (error: unknown) => void;
}

/**
 * Successes of runs whose rows another session has locked, such as one that somebody has left open. They
 * are tried again apart from all others, run by run, so that nobody else waits with them.
 */
export class LockedReports {
  readonly #options: LockedReportsOptions;
  readonly #runs = new Map<string, Success[]>();
  #working = false;
  #closed = false;

  constructor(options: LockedReportsOptions) {
    this.#options = options;
  }

  /** Whether a success of the run waits here; those that follow belong here too. */
  has(runId: string): boolean {
    return this.#runs.has(runId);
  }

  add(success: Success): void {
    const waiting = this.#runs.get(success.runId);
    if (waiting === undefined) this.#runs.set(success.runId, [success]);
    else waiting.push(success);
    void this.#work();
  }

  close(): void {
    this.#closed = true;
  }

  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    while (!this.#closed && this.#runs.size > 0) {
      for (const [runId, waiting] of this.#runs) {
        await this.#store(waiting);
        if (waiting.length === 0) this.#runs.delete(runId);
      }
      if (this.#runs.size > 0) await sleep(REST_MS);
    }
    this.#working = false;
  }

  /** Stores what waits for one run, until its rows are locked again. */
  async #store(waiting: Success[]): Promise<void> {
    const { store, onRefused, onError } = this.#options;
    for (let [first] = waiting; first !== undefined && !this.#closed; [first] = waiting) {
      try {
        await store(first);
      } catch (error) {
        if (!isLocked(error)) onError(error);
        if (isRetryable(error)) return;
        onRefused(first, error);
      }
      waiting.shift();
    }
  }
}
