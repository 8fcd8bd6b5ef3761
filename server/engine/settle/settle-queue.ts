/** Brings attempts that did not succeed, and runs that need a decision, to the database. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Pool } from "pg";
import { isRetryable } from "../../db/failures.ts";
import type { Publisher } from "../../db/live/notify.ts";
import { settleRun } from "./settle.ts";
import type { AttemptEnd } from "./settlement-record.ts";

const RETRY_MS = 200;
/** After an error that trying again will hardly mend: a fault of this program or of the run's data. */
const FAULT_RETRY_MS = 5_000;

export interface SettleQueueOptions {
  pool: Pool;
  publisher: Publisher;
  /** Uniform in [0, 1), for the jitter of retries. */
  unit: () => number;
  /** Told about each report once it is stored, accepted or refused. */
  onSettled: (ends: readonly AttemptEnd[]) => void;
  /** Told when tasks became ready. */
  onReleased: () => void;
  onError: (error: unknown, runId: string) => void;
}

interface Waiting {
  ends: AttemptEnd[];
  busy: boolean;
  again: boolean;
}

/**
 * One settlement of a run at a time; what comes meanwhile is gathered into the next one. While the
 * database cannot be reached everything is kept and tried again.
 */
export class SettleQueue {
  readonly #options: SettleQueueOptions;
  readonly #runs = new Map<string, Waiting>();
  #closed = false;
  #idle: (() => void)[] = [];

  constructor(options: SettleQueueOptions) {
    this.#options = options;
  }

  /** An attempt ended without success. */
  report(end: AttemptEnd): void {
    this.#of(end.runId).ends.push(end);
    this.#kick(end.runId);
  }

  /** A run has open decisions, or may have come to its end. */
  look(runId: string): void {
    this.#of(runId).again = true;
    this.#kick(runId);
  }

  /** Forgets what has not been stored: the runner has been given up and may report nothing. */
  discard(): void {
    for (const waiting of this.#runs.values()) waiting.ends = [];
  }

  /** Resolves when everything is stored, or after `close`. */
  async drained(): Promise<void> {
    if (this.#runs.size === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  close(): void {
    this.#closed = true;
    this.#wakeIdle();
  }

  #of(runId: string): Waiting {
    let waiting = this.#runs.get(runId);
    if (waiting === undefined) {
      waiting = { ends: [], busy: false, again: false };
      this.#runs.set(runId, waiting);
    }
    return waiting;
  }

  #kick(runId: string): void {
    const waiting = this.#of(runId);
    if (waiting.busy) return;
    waiting.busy = true;
    void this.#work(runId, waiting);
  }

  async #work(runId: string, waiting: Waiting): Promise<void> {
    while (!this.#closed && (waiting.ends.length > 0 || waiting.again)) {
      const ends = waiting.ends;
      waiting.ends = [];
      waiting.again = false;
      try {
        await this.#settle(runId, ends);
      } catch (error) {
        // Kept, so that nobody takes the attempt for one that still runs.
        waiting.ends = [...ends, ...waiting.ends];
        waiting.again = true;
        this.#options.onError(error, runId);
        await sleep(isRetryable(error) ? RETRY_MS : FAULT_RETRY_MS);
        continue;
      }
      this.#options.onSettled(ends);
    }
    waiting.busy = false;
    this.#runs.delete(runId);
    if (this.#runs.size === 0) this.#wakeIdle();
  }

  async #settle(runId: string, ends: readonly AttemptEnd[]): Promise<void> {
    const { pool, publisher, unit, onReleased } = this.#options;
    const result = await settleRun(pool, runId, ends, unit);
    publisher.runs([runId]);
    if (!result.released) return;
    publisher.ready();
    onReleased();
  }

  #wakeIdle(): void {
    for (const resolve of this.#idle) resolve();
    this.#idle = [];
  }
}
