/** Moves the windows of all backfills. Every runner has one; rows decide who moves what. */
import type { Pool } from "pg";
import { removeOldPlans } from "../../db/backfill/backfill-window.ts";
import { inTransaction } from "../../db/transaction.ts";
import { moveBackfills } from "./move-backfills.ts";

/** Longest rest without a backfill: one may have been started, and the word of it been lost. */
const IDLE_MS = 1_000;
/** Longest rest while a backfill is open: its runs may end in another process. */
const OPEN_MS = 150;
/** Shortest rest, so that many short runs are taken over together. */
const LEAST_MS = 20;
/** Plans that were not started are looked for this often. */
const CLEAN_MS = 600_000;
const MOST_CLEANED = 100;

export interface BackfillMoverOptions {
  pool: Pool;
  /** Told about every backfill that could not be moved and was paused. */
  onFailed: (failed: { id: string; error: unknown }) => void;
  onError: (error: unknown) => void;
}

export class BackfillMover {
  readonly #options: BackfillMoverOptions;
  #stopped = false;
  #loop: Promise<void> | null = null;
  #open = 0;
  #woken = false;
  /** Ends the rest that is being taken; null while there is none, or when it is too short for that. */
  #endRest: (() => void) | null = null;
  #cleanAt = 0;

  constructor(options: BackfillMoverOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#endRest?.();
    await this.#loop;
  }

  /** Somebody started, changed or cancelled a backfill. */
  wake(): void {
    this.#woken = true;
    this.#endRest?.();
  }

  /** Runs ended in this process: nothing to look at unless a backfill is open. */
  runsEnded(): void {
    if (this.#open > 0) this.wake();
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      this.#woken = false;
      let more = false;
      try {
        more = await this.#pass();
      } catch (error) {
        this.#options.onError(error);
      }
      // The least rest is taken even when there is more: it lets the runs that were started begin.
      await this.#rest(LEAST_MS, false);
      if (!more && !this.#woken) await this.#rest(this.#open > 0 ? OPEN_MS : IDLE_MS, true);
    }
  }

  /** @returns whether there is more to do at once */
  async #pass(): Promise<boolean> {
    const { pool, onFailed } = this.#options;
    const { open, more, failed } = await moveBackfills(pool);
    this.#open = open;
    for (const one of failed) onFailed(one);
    if (performance.now() >= this.#cleanAt) {
      await inTransaction(pool, (client) => removeOldPlans(client, MOST_CLEANED));
      this.#cleanAt = performance.now() + CLEAN_MS;
    }
    return more;
  }

  #rest(ms: number, mayEnd: boolean): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#endRest = null;
        resolve();
      };
      const timer = setTimeout(end, ms);
      if (mayEnd) this.#endRest = end;
    });
  }
}
