/**
 * Keeps the slots of one runner busy: claims ready tasks, has them executed, reports successes in
 * batches and goes on with the tasks that come back with the acknowledgement.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Json } from "../../core/flow/spec.ts";
import { dueFromBelow, SHARE } from "../../core/queue/share.ts";
import { isLocked, isRetryable } from "../../db/failures.ts";
import type { Publisher } from "../../db/live/notify.ts";
import {
  type CompleteResult,
  claim,
  complete,
  MAX_BESIDES,
  type Success,
} from "../../db/queue/queue.ts";
import type { Channel } from "../../db/queue/queue-channel.ts";
import { findHeld, type HeldAttempt, type RunnerOrders } from "../../db/runners.ts";
import { instantTypes } from "../../plugins/registry.ts";
import type { OutputCache } from "../execute/output-cache.ts";
import {
  type Executor,
  keyOf,
  type LiveTask,
  type Outcome,
  type StopCause,
  UNKNOWN_FOLLOWERS,
} from "../execute/tasks.ts";
import { faultPoint } from "../faults.ts";
import type { SettleQueue } from "../settle/settle-queue.ts";
import type { AttemptEnd } from "../settle/settlement-record.ts";
import type { Lease } from "./lease.ts";
import { LiveTasks } from "./live-tasks.ts";
import { LockedReports } from "./locked-reports.ts";

/** Most successes in one statement. */
const MAX_BATCH = 256;
/** So many successes are sent beside a statement that is on its way; fewer wait for its end. */
const WORTH_A_CHANNEL = 8;
/** So much may have ended without being acknowledged before nothing new is claimed. */
const MAX_UNREPORTED = 512;
/** Most tasks without a slot that wait here at a time; others leave them to other runners, or wait. */
const MAX_WAITING = 5_000;
/** With all slots in use, tasks without one are asked for no more often than this. */
const BESIDES_MS = 250;
/** Pools with slots are left out for so long after somebody had locked their rows. */
const POOLS_LOCKED_MS = 5_000;
const RETRY_MS = 100;

export interface DispatcherOptions {
  runnerId: string;
  /** Tasks at a time. */
  slots: number;
  labels: readonly string[];
  claimChannel: Channel;
  /** Two or more let one batch be worked out while another waits for the disk. */
  completeChannels: readonly Channel[];
  /** For reports that would keep all others waiting. */
  lockedChannel: Channel;
  executor: Executor;
  /** Told of every output that is stored. */
  outputs: Pick<OutputCache, "remember">;
  settle: SettleQueue;
  publisher: Publisher;
  lease: Pick<Lease, "holds">;
  /** Runs have ended: others may have their turn. */
  onRunsEnded: () => void;
  onError: (error: unknown) => void;
}

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #live: LiveTasks;
  readonly #locked: LockedReports;
  /** When tasks without a slot may be asked for again though no slot is free. */
  #besidesFrom = 0;
  #besidesTimer: NodeJS.Timeout | undefined;
  /** When pools with slots may be looked at again. */
  #poolsFrom = 0;
  readonly #idleChannels: Channel[];
  #successes: Success[] = [];
  /** Reports of a batch that was refused for its content: sent one by one. */
  #suspects: Success[] = [];
  #claiming = false;
  /** Slots that a claim on its way may fill. */
  #expected = 0;
  /** True when there may be ready tasks that have not been asked for. */
  #mayHaveMore = false;
  #accepting = true;
  /** True while people want the runner to take nothing new. */
  #draining = false;
  #slots: number;
  /** Tasks taken while others waited, since one came from below the highest priority. */
  #turns = 0;
  /** While true no new statement begins, so that what the database holds can be compared. */
  #comparing = false;
  /** Tasks settled while a comparison was on its way, which may still show them as held. */
  readonly #settledMeanwhile = new Set<string>();
  #closed = false;
  #statements = 0;
  #flushPlanned = false;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#slots = options.slots;
    this.#idleChannels = [...options.completeChannels];
    const { executor, onError } = options;
    const onEnded = (task: LiveTask, outcome: Outcome) => this.#ended(task, outcome);
    this.#live = new LiveTasks({ executor, onEnded, onError });
    this.#locked = new LockedReports({
      store: (success) => this.#storeLocked(success),
      onRefused: (success, error) => this.#refuseOutput(success, error),
      onError,
    });
  }

  /** Tasks that execute now. */
  get running(): number {
    return this.#live.executing;
  }

  /** Attempts that have ended here so far. */
  get ended(): number {
    return this.#live.ended;
  }

  /** What people want of this runner. Tasks above a lowered number of slots go on. */
  obey({ slots, drain }: RunnerOrders): void {
    const hasMore = slots > this.#slots || (this.#draining && !drain);
    this.#slots = slots;
    this.#draining = drain;
    if (hasMore) this.wake();
  }

  /** There may be ready tasks. */
  wake(): void {
    this.#mayHaveMore = true;
    this.#pump();
  }

  /** Claims and takes nothing from now on. */
  stopAccepting(): void {
    this.#accepting = false;
  }

  /** Gives up waiting for the database. */
  close(): void {
    this.#accepting = false;
    this.#closed = true;
    clearTimeout(this.#besidesTimer);
    this.#locked.close();
  }

  /** Stops every task. Its outcome is reported as usual. */
  stopAll(cause: StopCause): void {
    for (const task of this.#live) task.stop(cause);
  }

  /** Resolves when no task is live, at the latest after `limitMs`. @returns whether none is */
  settled(limitMs: number): Promise<boolean> {
    return this.#live.settled(limitMs);
  }

  /** An attempt that did not succeed has been recorded: its slot is free. */
  forget(ends: readonly AttemptEnd[]): void {
    for (const end of ends) {
      const task = this.#live.get(end);
      if (task?.claim.attempt !== end.attempt) continue;
      if (this.#comparing) this.#settledMeanwhile.add(keyOf(end));
      this.#live.remove(task);
    }
    this.wake();
  }

  /**
   * Compares with what the database says this runner holds: takes up what an acknowledgement lost on
   * the way would have handed over, drops what is held no more, stops what is to be cancelled.
   * @throws when the database cannot be asked
   */
  async compare(): Promise<void> {
    if (this.#comparing) return;
    this.#comparing = true;
    try {
      while (this.#statements > 0) await this.#live.changed();
      const held = await this.#options.claimChannel.use((connection) =>
        findHeld(connection, this.#options.runnerId),
      );
      this.#take(held);
    } finally {
      this.#comparing = false;
      this.#settledMeanwhile.clear();
    }
    this.#flush();
    this.#pump();
  }

  #take(held: readonly HeldAttempt[]): void {
    const byKey = new Map(held.map((attempt) => [keyOf(attempt), attempt]));
    for (const task of this.#live) {
      const row = byKey.get(keyOf(task.claim));
      if (row?.attempt !== task.claim.attempt) task.stop("lost");
      else if (row.cancelRequested) task.stop("cancelled");
    }
    for (const attempt of held) {
      const isKnown = this.#live.get(attempt) !== undefined;
      if (isKnown || this.#settledMeanwhile.has(keyOf(attempt))) continue;
      const { cancelRequested, ...claimed } = attempt;
      const task = this.#live.start(claimed);
      if (cancelRequested) task.stop("cancelled");
    }
  }

  #ended(task: LiveTask, outcome: Outcome): void {
    const { runId, ordinal, attempt } = task.claim;
    if (outcome.kind === "succeeded") {
      const success = { runId, ordinal, attempt, ...outputOf(outcome.output) };
      if (this.#locked.has(runId)) {
        this.#locked.add(success);
      } else {
        this.#successes.push(success);
        this.#planFlush();
      }
      return;
    }
    const { runnerId } = this.#options;
    const { kind, error } = outcome;
    this.#options.settle.report({ runId, ordinal, attempt, runnerId, outcome: kind, error });
  }

  /** After everything that ends in this turn of the event loop has come in. */
  #planFlush(): void {
    if (this.#flushPlanned) return;
    this.#flushPlanned = true;
    setImmediate(() => {
      this.#flushPlanned = false;
      this.#flush();
      // What waits for a slot need not wait for the report too.
      this.#pump();
    });
  }

  #flush(): void {
    while (!this.#comparing) {
      const from = this.#suspects.length > 0 ? this.#suspects : this.#successes;
      // A statement costs far more than a task in it: a few tasks wait for the one on its way.
      const alone = this.#idleChannels.length === this.#options.completeChannels.length;
      const enough = alone ? 1 : WORTH_A_CHANNEL;
      const channel = from.length >= enough ? this.#idleChannels.pop() : undefined;
      if (channel === undefined) return;
      const batch = from.splice(0, from === this.#suspects ? 1 : MAX_BATCH);
      void this.#report(channel, batch);
    }
  }

  async #report(channel: Channel, batch: Success[]): Promise<void> {
    this.#statements += 1;
    let failed = false;
    try {
      const mayTake = this.#mayAccept() && this.#options.lease.holds();
      const keep = mayTake ? this.#keepFor(batch) : 0;
      this.#expected += keep;
      try {
        faultPoint("before-complete");
        const { runnerId, labels } = this.#options;
        const instant = mayTake ? instantTypes : [];
        const result = await channel.use((connection) =>
          complete(connection, runnerId, batch, keep, instant, labels),
        );
        faultPoint("after-complete");
        if (result.queued) this.#turns += Math.min(keep, result.taken.length);
        this.#completed(batch, result);
      } finally {
        this.#expected -= keep;
      }
    } catch (error) {
      failed = !isLocked(error);
      this.#options.onError(error);
      this.#reportAgain(batch, error);
    } finally {
      this.#statements -= 1;
      this.#idleChannels.push(channel);
      this.#live.notify();
    }
    if (failed) await this.#compareUntilDone();
    this.#flush();
    this.#pump();
  }

  #completed(batch: readonly Success[], result: CompleteResult): void {
    const { settle, publisher, outputs } = this.#options;
    const refused = new Set(result.refused);
    for (const success of batch) {
      const { runId, ordinal, output } = success;
      if (this.#comparing) this.#settledMeanwhile.add(keyOf(success));
      if (!refused.has(success)) outputs.remember(runId, ordinal, output ?? null);
      const task = this.#live.get(success);
      if (task !== undefined) this.#live.remove(task);
    }
    for (const taken of result.taken) this.#live.start(taken);
    for (const runId of [...result.undecided, ...result.unended]) settle.look(runId);
    publisher.runs(new Set(batch.map((success) => success.runId)));
    if (result.ended.length > 0) this.#options.onRunsEnded();
    if (!result.released && !result.freed) return;
    this.#mayHaveMore = true;
    publisher.ready();
  }

  /**
   * A batch that the database refuses for its content, or cannot store for what another session
   * has locked, is sent again one by one: so the bad output is found and fails its task alone, and no more
   * than the locked run waits. Everything else is sent again as it is.
   */
  #reportAgain(batch: Success[], error: unknown): void {
    const isPartial = isLocked(error) || !isRetryable(error);
    const [success] = batch;
    if (!isPartial) this.#successes.unshift(...batch);
    else if (batch.length > 1) this.#suspects.push(...batch);
    else if (success !== undefined && isLocked(error)) this.#setAside(success);
    else if (success !== undefined) this.#refuseOutput(success, error);
  }

  /** What else is to be said about its run waits with it. */
  #setAside(success: Success): void {
    this.#locked.add(success);
    for (const from of [this.#suspects, this.#successes]) {
      for (const other of from.splice(0)) {
        if (other.runId === success.runId) this.#locked.add(other);
        else from.push(other);
      }
    }
  }

  /** Takes nothing on with it: what it releases is claimed as all else is. */
  async #storeLocked(success: Success): Promise<void> {
    const { lockedChannel, runnerId, labels } = this.#options;
    const result = await lockedChannel.use((connection) =>
      complete(connection, runnerId, [success], 0, [], labels),
    );
    this.#completed([success], result);
    this.#pump();
  }

  #refuseOutput(success: Success, error: unknown): void {
    const { runId, ordinal, attempt } = success;
    const why = error instanceof Error ? error.message : String(error);
    this.#options.settle.report({
      runId,
      ordinal,
      attempt,
      runnerId: this.#options.runnerId,
      outcome: "failed",
      error: { kind: "output", message: `The output could not be stored: ${why}` },
    });
  }

  /** After a statement whose effect is unknown. */
  async #compareUntilDone(): Promise<void> {
    while (!this.#closed) {
      try {
        await this.compare();
        return;
      } catch (error) {
        this.#options.onError(error);
        await sleep(RETRY_MS);
      }
    }
  }

  /**
   * Slots to reserve for what comes back with the acknowledgement. What is reserved cannot be claimed
   * meanwhile: no more than there can be use for, and where others wait for slots no more than there
   * should be. None when a task from below the highest priority is due: only a claim finds it.
   */
  #keepFor(batch: readonly Success[]): number {
    const othersWait = this.#mayHaveMore || this.#claiming;
    let wanted = 0;
    for (const success of batch) {
      const { most, likely } = this.#live.get(success)?.followers ?? UNKNOWN_FOLLOWERS;
      wanted += othersWait ? likely : most;
    }
    if (this.#turns >= SHARE - 1) return 0;
    return Math.max(0, Math.min(this.#free(), Math.ceil(wanted)));
  }

  #free(): number {
    return this.#slots - this.#live.executing - this.#expected;
  }

  /** What has ended waits for its acknowledgement; too much of it, and nothing new is claimed. */
  #isBehind(): boolean {
    return this.#live.unreported >= MAX_UNREPORTED;
  }

  #mayAccept(): boolean {
    return this.#accepting && !this.#draining;
  }

  #pump(): void {
    const idle = this.#mayAccept() && this.#mayHaveMore && !this.#claiming && !this.#comparing;
    if (!idle || this.#isBehind() || !this.#options.lease.holds()) return;
    const free = Math.max(0, this.#free());
    if (free === 0 && !this.#mayAskBesides()) return;
    void this.#claim(free);
  }

  /** Whether it is time to look for tasks without a slot alone; if it is not, it will be. */
  #mayAskBesides(): boolean {
    const left = this.#besidesFrom - performance.now();
    if (left > 0) {
      this.#besidesTimer ??= setTimeout(() => {
        this.#besidesTimer = undefined;
        this.#pump();
      }, left).unref();
      return false;
    }
    this.#besidesFrom = performance.now() + BESIDES_MS;
    return true;
  }

  async #claim(limit: number): Promise<void> {
    const { claimChannel, runnerId, publisher } = this.#options;
    this.#claiming = true;
    this.#mayHaveMore = false;
    this.#statements += 1;
    this.#expected += limit;
    const below = Math.min(limit, dueFromBelow(this.#turns, limit));
    const besides = Math.min(MAX_BESIDES, Math.max(0, MAX_WAITING - this.#live.waiting));
    const unlimitedOnly = performance.now() < this.#poolsFrom;
    let failed = false;
    try {
      const result = await claimChannel.use((connection) =>
        claim(connection, runnerId, limit, { below, besides, unlimitedOnly }),
      );
      const slots = result.claims.filter((claimed) => claimed.takesSlot).length;
      if (result.claims.length > 0) faultPoint("after-claim");
      for (const claimed of result.claims) this.#live.start(claimed);
      this.#turns = Math.max(0, this.#turns + slots - below * SHARE);
      // Without a free slot nothing was asked for that takes one.
      const hasMore = limit === 0 || slots >= limit || result.claims.length - slots >= MAX_BESIDES;
      if (hasMore) this.#mayHaveMore = true;
      // Another runner may have passed over what this one had locked and did not take.
      if (result.left) publisher.ready();
      publisher.runs(new Set(result.claims.map((claimed) => claimed.runId)));
    } catch (error) {
      failed = !isLocked(error);
      if (!failed) this.#poolsFrom = performance.now() + POOLS_LOCKED_MS;
      this.#mayHaveMore = true;
      this.#options.onError(error);
    } finally {
      this.#claiming = false;
      this.#statements -= 1;
      this.#expected -= limit;
      this.#live.notify();
    }
    if (failed) await this.#compareUntilDone();
    this.#pump();
  }
}

function outputOf(output: Json | undefined): { output?: Json } {
  // Nothing and null read the same downstream; neither is stored.
  return output === undefined || output === null ? {} : { output };
}
