/**
 * What must happen without anybody asking: runners that stopped answering are given up and their
 * attempts are tried again, waits before a retry end, and whatever a crash left half done is
 * finished. Any runner may do it; a lock held for one tick at a time lets one do it. A lock held
 * for longer would be held by a frozen runner as well.
 */

import { setTimeout as sleep } from "node:timers/promises";
import type { Pool } from "pg";
import { isLocked } from "../../db/failures.ts";
import type { Publisher } from "../../db/live/notify.ts";
import { closeIncidents, insertNotice } from "../../db/notify/notices.ts";
import { SAMPLE_MS, sampleQueue } from "../../db/queue/queue-samples.ts";
import {
  becomeScheduler,
  findAbandoned,
  findUndecidedRuns,
  findUnendedRuns,
  giveUpRunners,
  promoteRetries,
  promoteSuspects,
  type RunningAttempt,
} from "../../db/runners.ts";
import { inTransaction } from "../../db/transaction.ts";
import { cancelForsaken } from "../execute/call-flow.ts";
import { settleRun } from "../settle/settle.ts";

/** Most rows of one kind that one tick takes care of. */
const BATCH = 1_000;
/** Most incidents that are closed in one go. */
const INCIDENTS = 100;
/** A run that somebody has locked is waited for so long in one tick, which others wait for. */
const LOCK_MS = 100;
/** A suspect that has lived for so long does not keep the next one waiting any more. */
const PROBATION_MS = 30_000;

export interface SchedulerOptions {
  pool: Pool;
  publisher: Publisher;
  tickMs: number;
  /** Runs that nobody ended, which only a crash leaves behind, are looked for once in so many ticks. */
  leftoversEvery: number;
  /**
   * After a time without database every lease looks ended, those of living runners too. They get
   * this long to renew before anybody is given up.
   */
  graceMs: number;
  unit: () => number;
  /** How long the next suspect waits for one that goes on. Default 30 s. */
  probationMs?: number;
  /** Told when tasks became ready. */
  onReleased: () => void;
  onLostRunner: (name: string) => void;
  onError: (error: unknown) => void;
}

export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #stop = new AbortController();
  #loop: Promise<void> | null = null;
  #connectedSince = performance.now();
  #ticks = 0;
  #sampledAt = Number.NEGATIVE_INFINITY;

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const began = performance.now();
      try {
        await this.tick();
      } catch (error) {
        if (!isLocked(error)) this.#connectedSince = performance.now();
        this.#options.onError(error);
      }
      const late = performance.now() - began > this.#options.graceMs;
      // A tick that took that long was frozen, or waited for a database that was not there.
      if (late) this.#connectedSince = performance.now();
      await sleep(this.#options.tickMs, undefined, { signal }).catch(() => {});
    }
  }

  /**
   * Does what is due now. Safe to run in several processes at once.
   * @throws the driver's error; what has been done until then is committed
   */
  async tick(): Promise<void> {
    const { pool, publisher, onReleased, onLostRunner, graceMs } = this.#options;
    const { probationMs = PROBATION_MS } = this.#options;
    const mayGiveUp = performance.now() - this.#connectedSince >= graceMs;
    const due = await inTransaction(pool, async (client) => {
      if (!(await becomeScheduler(client))) return null;
      const lost = mayGiveUp ? await giveUpRunners(client) : [];
      for (const { name } of lost) {
        await insertNotice(client, { event: "runner_lost", detail: { runner: name } });
      }
      const retried = await promoteRetries(client, BATCH);
      retried.push(...(await promoteSuspects(client, probationMs)));
      return { lost, retried };
    });
    if (due === null) return;
    for (const runner of due.lost) onLostRunner(runner.name);
    if (due.retried.length > 0) {
      publisher.runs(due.retried);
      publisher.ready();
      onReleased();
    }
    if (performance.now() - this.#sampledAt >= SAMPLE_MS) {
      this.#sampledAt = performance.now();
      await sampleQueue(pool);
    }
    if (this.#ticks % this.#options.leftoversEvery === 0) {
      await inTransaction(pool, (client) => closeIncidents(client, INCIDENTS));
    }
    await this.#recover(await findAbandoned(pool, BATCH));
    const open = new Set(await findUndecidedRuns(pool, BATCH));
    if (this.#ticks++ % this.#options.leftoversEvery === 0) {
      for (const runId of await findUnendedRuns(pool, BATCH)) open.add(runId);
      await cancelForsaken(pool, BATCH);
    }
    for (const runId of open) await this.#settle(runId, []);
  }

  /** Ends the attempts of runners that are gone as lost, run by run. */
  async #recover(abandoned: readonly RunningAttempt[]): Promise<void> {
    const byRun = new Map<string, RunningAttempt[]>();
    for (const attempt of abandoned) {
      const same = byRun.get(attempt.runId);
      if (same === undefined) byRun.set(attempt.runId, [attempt]);
      else same.push(attempt);
    }
    for (const [runId, attempts] of byRun) await this.#settle(runId, attempts);
  }

  async #settle(runId: string, attempts: readonly RunningAttempt[]): Promise<void> {
    const { pool, publisher, unit, onReleased, onError } = this.#options;
    try {
      const result = await settleRun(
        pool,
        runId,
        attempts.map(({ ordinal, attempt, runnerId, runnerName }) => ({
          runId,
          ordinal,
          attempt,
          runnerId,
          outcome: "lost",
          error: { kind: "lost", message: `Runner ${runnerName} stopped answering.` },
        })),
        unit,
        LOCK_MS,
      );
      publisher.runs([runId]);
      if (!result.released) return;
      publisher.ready();
      onReleased();
    } catch (error) {
      // One run that cannot be settled must not keep the others waiting. If somebody has locked it, the next
      // tick looks again.
      if (!isLocked(error)) onError(error);
    }
  }
}
