/** What one settlement does to the tasks of a run: end attempts, spread, decide, in memory and once to disk. */
import type { PoolClient } from "pg";
import { AppError } from "../../core/errors.ts";
import type { AttemptError } from "../../core/run/attempt-view.ts";
import { decideStart } from "../../core/run/decide.ts";
import {
  type AttemptEndDecision,
  type AttemptOutcome,
  decideAfterAttempt,
} from "../../core/run/retry.ts";
import { SUSPECT_FROM, type TaskState } from "../../core/run/states.ts";
import { flagRunningItems, readItems, readTasksOfItems } from "../../db/run/fan-out.ts";
import {
  findSpared,
  findUndecided,
  type HeldTask,
  lockTasks,
  type RunRow,
  readElapsed,
  readStates,
} from "../../db/run/settle.ts";
import { revisionModel } from "../../db/run/settle-model.ts";
import { conditionHolds } from "../execute/condition.ts";
import { gatherList, spreadOverList } from "./settle-lists.ts";
import { type AttemptEnd, type SettledTasks, SettlementRecord } from "./settlement-record.ts";

/** Rows would be locked out of order: the settlement must start over and lock widely. */
export class LockOrder extends Error {
  override readonly name = "LockOrder";
}

export interface SettlementOptions {
  /** Uniform in [0, 1), for the jitter of retries. */
  unit: () => number;
  /** Lock tasks wave by wave, or at once all that may be touched. */
  locking: "narrow" | "wide";
}

/** @param run locked by `lockRun` in the same transaction */
export async function openSettlement(
  client: PoolClient,
  run: RunRow,
  options: SettlementOptions,
): Promise<Settlement> {
  const model = await revisionModel(client, run.revisionId, run.revisionHash);
  return new Settlement(client, new SettlementRecord(run, model), options);
}

export class Settlement {
  readonly #client: PoolClient;
  readonly #record: SettlementRecord;
  readonly #options: SettlementOptions;
  #highestWaiting = -1;

  constructor(client: PoolClient, record: SettlementRecord, options: SettlementOptions) {
    this.#client = client;
    this.#record = record;
    this.#options = options;
  }

  /**
   * Ends attempts, then decides and spreads until nothing is open.
   * @throws LockOrder when locking narrowly and a later wave lies below an earlier one
   */
  async apply(ends: readonly AttemptEnd[]): Promise<SettledTasks> {
    const ordinals = ends.map((end) => end.ordinal);
    const undecided = await findUndecided(this.#client, this.#record.run.id);
    await this.#readItemOf(ordinals);
    await this.#lockWidely([...ordinals, ...undecided]);
    const held = new Map((await this.#lock(ordinals)).map((task) => [task.ordinal, task]));
    const elapsed = await this.#elapsed(ordinals);
    const spared = await this.#spared(ends, held);
    for (const end of ends) {
      const task = held.get(end.ordinal);
      if (
        task?.state === "running" &&
        task.attempt === end.attempt &&
        task.runnerId === end.runnerId
      ) {
        this.#endAttempt(task, end, {
          elapsedMs: elapsed.get(end.ordinal) ?? 0,
          spared: spared.has(end.ordinal),
        });
      } else {
        this.#record.refuse(end);
      }
    }
    await this.#decide(await this.#lock(undecided));
    await this.#spread();
    return this.#record.store(this.#client);
  }

  /**
   * Cancels a locked task that is ready or waits for a retry.
   * @throws LockOrder as `apply`
   */
  async cancel(ordinal: number, actor: string): Promise<SettledTasks> {
    await this.#lockWidely([ordinal]);
    const [task] = await this.#lock([ordinal]);
    if (task === undefined) throw new AppError("INTERNAL", `Task ${ordinal} vanished.`);
    this.#record.note(actor, "task_cancelled", ordinal, {});
    this.#record.end(task, "cancelled");
    await this.#spread();
    return this.#record.store(this.#client);
  }

  /**
   * Cancels every open task run of a task that was spread over a list. Running ones are flagged, and
   * the task ends with the last of them.
   * @returns besides, how many run
   * @throws LockOrder as `apply`
   */
  async cancelItems(
    ordinal: number,
    actor: string,
  ): Promise<{ tasks: SettledTasks; running: number }> {
    const { id } = this.#record.run;
    const ordinals = (await readItems(this.#client, id, ordinal)).map((item) => item.ordinal);
    await this.#readItemOf(ordinals);
    await this.#lockWidely([...ordinals, ordinal]);
    const locked = await this.#lock(ordinals);
    this.#record.note(actor, "task_cancelled", ordinal, {});
    for (const item of locked) {
      if (item.state === "ready" || item.state === "retry_wait")
        this.#record.end(item, "cancelled");
    }
    const running = await flagRunningItems(this.#client, id, ordinal);
    await this.#spread();
    return { tasks: await this.#record.store(this.#client), running };
  }

  #lock(ordinals: readonly number[]): Promise<HeldTask[]> {
    return lockTasks(this.#client, this.#record.run.id, [...ordinals]);
  }

  async #readItemOf(ordinals: readonly number[]): Promise<void> {
    const found = await readTasksOfItems(this.#client, this.#record.run.id, ordinals);
    for (const [ordinal, of] of found) this.#record.itemOf.set(ordinal, of);
  }

  async #lockWidely(from: readonly number[]): Promise<void> {
    if (this.#options.locking === "narrow") return;
    const reach = new Set(from);
    for (const ordinal of reach) {
      for (const child of this.#record.followersOf(ordinal)) reach.add(child);
    }
    await this.#lock([...reach]);
  }

  /** Time since the first attempt, of the tasks whose policy asks for it. */
  async #elapsed(ordinals: readonly number[]): Promise<ReadonlyMap<number, number>> {
    const limited = ordinals.filter(
      (ordinal) => this.#record.policyOf(ordinal).giveUpAfterMs !== undefined,
    );
    return readElapsed(this.#client, this.#record.run.id, limited);
  }

  /** Of the tasks that might count as poison: those beside which another is to blame. */
  async #spared(
    ends: readonly AttemptEnd[],
    held: ReadonlyMap<number, HeldTask>,
  ): Promise<ReadonlySet<number>> {
    const suspects = ends.filter(
      ({ ordinal, outcome }) =>
        outcome === "lost" && (held.get(ordinal)?.lostInRow ?? 0) >= SUSPECT_FROM,
    );
    return findSpared(
      this.#client,
      this.#record.run.id,
      suspects.map(({ ordinal }) => ordinal),
    );
  }

  #endAttempt(
    task: HeldTask,
    end: AttemptEnd,
    facts: { elapsedMs: number; spared: boolean },
  ): void {
    const record = this.#record;
    const { ordinal, attempt } = task;
    const decision = decideAfterAttempt({
      outcome: end.outcome,
      error: end.error,
      ...facts,
      failures: task.failures,
      lostInRow: task.lostInRow,
      policy: record.policyOf(ordinal),
      cancelRequested: task.cancelRequested || record.run.cancelRequested,
      unit: this.#options.unit(),
    });
    record.attempt({
      ordinal,
      attempt,
      state: end.outcome === "handed_back" ? "lost" : end.outcome,
      runnerId: end.runnerId,
      startedAt: task.startedAt,
      error: withReason(end.error, decision),
    });
    const counted = countAttempt(task, end.outcome);
    const { message } = end.error;
    switch (decision.to) {
      case "retry_wait":
        record.note("engine", "retry_planned", ordinal, {
          attempt,
          message,
          delayMs: decision.delayMs,
        });
        // A run with a retry behind it may end recovered, which plain success cannot tell.
        record.trouble();
        record.change({ ...counted, state: "retry_wait", delayMs: decision.delayMs });
        return;
      case "ready":
        record.note("engine", "attempt_lost", ordinal, { attempt, message });
        record.release(counted);
        return;
      case "set_apart":
        record.note("engine", "attempt_lost", ordinal, { attempt, message });
        record.change({ ...counted, state: "retry_wait", delayMs: 0 });
        return;
      case "failed":
        record.fail(
          counted,
          decision.reason === "lost_too_often" ? lostTooOften(end, counted) : end.error,
        );
        return;
      case "cancelled":
        record.end(counted, "cancelled");
        return;
    }
  }

  /** Tells the children of ended tasks, wave by wave, until no further task ends. */
  async #spread(): Promise<void> {
    for (;;) {
      const ended = this.#record.takeEnded();
      if (ended.length === 0) return;
      const needsEnded = new Map<number, number>();
      for (const ordinal of ended) {
        for (const child of this.#record.followersOf(ordinal)) {
          needsEnded.set(child, (needsEnded.get(child) ?? 0) + 1);
        }
      }
      const decidable: HeldTask[] = [];
      for (const task of await this.#lockChildren([...needsEnded.keys()])) {
        const pending = task.pending - (needsEnded.get(task.ordinal) ?? 0);
        // Most of the ended tasks did not succeed, so what comes after them has to be decided.
        const changed = { ...task, pending, gated: true };
        this.#record.change({ ...changed, delayMs: null });
        if (pending === 0) decidable.push(changed);
      }
      await this.#decide(decidable);
    }
  }

  async #lockChildren(ordinals: number[]): Promise<HeldTask[]> {
    const fresh = ordinals.filter((ordinal) => this.#record.changeOf(ordinal) === undefined);
    const isNarrow = this.#options.locking === "narrow";
    if (isNarrow && fresh.some((ordinal) => ordinal < this.#highestWaiting)) {
      throw new LockOrder(`run ${this.#record.run.id}`);
    }
    this.#highestWaiting = Math.max(this.#highestWaiting, ...fresh);
    const tasks = (await this.#lock(ordinals)).filter((task) => task.state === "waiting");
    // What earlier waves changed is not stored yet.
    return tasks.map((task) => ({ ...task, ...this.#record.changeOf(task.ordinal) }));
  }

  /** Decides tasks whose needs have all ended. */
  async #decide(tasks: readonly HeldTask[]): Promise<void> {
    const waiting = tasks.filter((task) => task.state === "waiting" && task.pending === 0);
    if (waiting.length === 0) return;
    const { run, model } = this.#record;
    const needs = new Set(waiting.flatMap((task) => model.parents[task.ordinal] ?? []));
    const states = await readStates(this.#client, run.id, [...needs]);
    for (const ordinal of states.keys()) {
      const change = this.#record.changeOf(ordinal);
      if (change !== undefined) states.set(ordinal, change.state);
    }
    for (const task of waiting) {
      if (task.items !== null) await gatherList(this.#client, this.#record, task);
      else await this.#decideOne(task, states);
    }
  }

  async #decideOne(task: HeldTask, states: ReadonlyMap<number, TaskState>): Promise<void> {
    const { run, model } = this.#record;
    const { cancelRequested } = run;
    const needs = (model.parents[task.ordinal] ?? []).map((need) => {
      const state = states.get(need);
      if (state === undefined) throw new AppError("INTERNAL", `Task ${need} vanished.`);
      return state;
    });
    let condition: boolean | null = null;
    try {
      if (!cancelRequested) {
        condition = await conditionHolds(this.#client, run, model, task.ordinal, needs);
      }
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#record.failAtStart(task, `Condition: ${error.message}`);
      return;
    }
    const decision = decideStart({ needs, condition, cancelRequested });
    if (decision !== "run") {
      this.#record.end(task, decision);
    } else if (this.#record.specOf(task.ordinal)?.forEach !== undefined) {
      await spreadOverList(this.#client, this.#record, task, needs);
    } else {
      this.#record.release(task);
    }
  }
}

function lostTooOften({ error }: AttemptEnd, { lostInRow }: HeldTask): AttemptError {
  return { ...error, message: `Lost ${lostInRow} times in a row. ${error.message}` };
}

/** The error as it is kept: with the reason when attempts were left and no retry follows. */
function withReason(error: AttemptError, decision: AttemptEndDecision): AttemptError {
  if (decision.to !== "failed") return error;
  const { reason } = decision;
  return reason === "exhausted" || reason === "lost_too_often"
    ? error
    : { ...error, gaveUp: reason };
}

/** A failure starts a new row of losses; a loss or a hand-back uses up no retry. */
function countAttempt(task: HeldTask, outcome: AttemptOutcome): HeldTask {
  switch (outcome) {
    case "failed":
    case "timed_out":
      return { ...task, failures: task.failures + 1, lostInRow: 0 };
    case "lost":
      return { ...task, lostInRow: task.lostInRow + 1 };
    case "handed_back":
    case "cancelled":
      return task;
  }
}
