/**
 * The runner's right to execute. The database grants it for `leaseMs` at a time; the runner counts
 * from before it asked, on the clock of leases, so that it never believes longer than the
 * database does. Three thresholds after the last good renewal:
 *
 *   50 %  the runner starts nothing any more and kills what it has
 *   60 %  the watchdog kills whatever is still there, also when the runner is frozen
 *  100 %  another runner may take the tasks
 */
import { setTimeout as sleep } from "node:timers/promises";
import { leaseClockMs } from "./clock.ts";

export const GIVE_UP_SHARE = 0.5;
export const WATCHDOG_SHARE = 0.6;

export interface LeaseOptions {
  leaseMs: number;
  heartbeatMs: number;
  /**
   * Renews the lease in the database.
   * @returns false when the runner has been given up
   * @throws when the database cannot be asked
   */
  renew: () => Promise<boolean>;
  /** Told after each good renewal, with the time it counts from (clock of leases). */
  onRenewed: (since: number) => void;
  /** The lease cannot be counted on any more: kill all tasks. It may come back. */
  onDoubt: () => void;
  /** A renewal came through after doubt: what was killed can be reported. */
  onRecovered: () => void;
  /** Given up by the database: nothing of what this runner has is its own. */
  onLost: () => void;
  onError: (error: unknown) => void;
}

export class Lease {
  readonly #options: LeaseOptions;
  readonly #stop = new AbortController();
  #since: number;
  #doubt = false;
  #lost = false;
  #loop: Promise<void> | null = null;
  #guard: NodeJS.Timeout | undefined;

  /** @param since when the registration, which granted the first lease, was sent */
  constructor(options: LeaseOptions, since: number) {
    this.#options = options;
    this.#since = since;
  }

  start(): void {
    this.#options.onRenewed(this.#since);
    this.#loop = this.#renewForEver();
    this.#guard = setInterval(() => this.#check(), this.#options.heartbeatMs / 2);
  }

  /** Whether a task may start now. Looks at the clock, so that it tells a frozen time at once. */
  holds(): boolean {
    this.#check();
    return !this.#doubt && !this.#lost;
  }

  /** Time (clock of leases) from which on nothing may start under the present lease. */
  get startUntil(): number {
    return this.#since + this.#options.leaseMs * GIVE_UP_SHARE;
  }

  #check(): void {
    if (this.#doubt || this.#lost || leaseClockMs() < this.startUntil) return;
    this.#doubt = true;
    this.#options.onDoubt();
  }

  async #renewForEver(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted && !this.#lost) {
      await sleep(this.#options.heartbeatMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      const asked = leaseClockMs();
      try {
        const granted = await this.#options.renew();
        if (granted) this.#renewed(asked);
        else this.#given();
      } catch (error) {
        this.#options.onError(error);
      }
    }
  }

  #renewed(asked: number): void {
    // First the clock: a time of silence before this renewal has its consequences all the same.
    this.#check();
    this.#since = asked;
    if (leaseClockMs() >= this.startUntil) return;
    this.#options.onRenewed(asked);
    if (!this.#doubt) return;
    this.#doubt = false;
    this.#options.onRecovered();
  }

  #given(): void {
    if (this.#stop.signal.aborted) return;
    this.#lost = true;
    this.#options.onLost();
  }

  async stop(): Promise<void> {
    clearInterval(this.#guard);
    this.#stop.abort();
    await this.#loop;
  }
}
