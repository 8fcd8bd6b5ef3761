/** Watches the clock for all schedules. Every runner has one; rows decide who fires what. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Pool } from "pg";
import { untilNextTick } from "../../db/schedule/schedules.ts";
import { faultPoint } from "../faults.ts";
import { releaseRuns } from "../start/release-runs.ts";
import { type FailedTick, fireSchedules } from "./fire-schedules.ts";

/** Schedules whose ticks share one transaction. */
const BATCH = 100;
/** Transactions in a row before held runs are looked at again. */
const ROUNDS = 20;
/** Longest rest: a schedule may have come, or a run ended, that another process knows of. */
const REST_MS = 500;
/** Longest rest after a held run has been let go. */
const AFTER_RELEASE_MS = 50;
/** Shortest rest, so that a schedule that another process has locked is not asked for in a loop. */
const LEAST_REST_MS = 20;

export interface TickerOptions {
  pool: Pool;
  /** Told about every schedule that could not fire. */
  onFailed: (failed: FailedTick) => void;
  onError: (error: unknown) => void;
}

export class Ticker {
  readonly #options: TickerOptions;
  readonly #stop = new AbortController();
  #loop: Promise<void> | null = null;
  /** Ends the rest that is on its way. */
  #wake: (() => void) | null = null;
  /** Whether the last look found held runs. */
  #holds = false;
  #hasEnded = false;

  constructor(options: TickerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** Runs have ended: the next held ones may go. Costs nothing while none is held. */
  runsEnded(): void {
    this.#hasEnded = true;
    if (this.#holds) this.#wake?.();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake?.();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      let rest = REST_MS;
      try {
        // A run that was let go may soon end, and the next one has its turn.
        const longest = (await this.#pass()) > 0 ? AFTER_RELEASE_MS : REST_MS;
        const next = (await untilNextTick(this.#options.pool)) ?? longest;
        rest = Math.max(LEAST_REST_MS, Math.min(longest, next));
      } catch (error) {
        this.#options.onError(error);
      }
      await this.#rest(rest);
    }
  }

  /** Rests for so long, or until a run has ended that held ones wait for. */
  async #rest(ms: number): Promise<void> {
    await sleep(LEAST_REST_MS);
    if (this.#stop.signal.aborted || (this.#holds && this.#hasEnded)) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms - LEAST_REST_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = null;
  }

  /** @returns how many held runs were let go */
  async #pass(): Promise<number> {
    const { pool, onFailed } = this.#options;
    for (let round = 0; round < ROUNDS && !this.#stop.signal.aborted; round++) {
      const { schedules, failed } = await fireSchedules(pool, BATCH);
      for (const one of failed) onFailed(one);
      if (schedules === 0) break;
      faultPoint("after-tick");
    }
    this.#hasEnded = false;
    const { released, held } = await releaseRuns(pool);
    this.#holds = held;
    return released;
  }
}
