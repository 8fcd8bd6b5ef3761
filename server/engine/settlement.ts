/** What one settlement does to the tasks of a run: end attempts, spread, decide, in memory and once to disk. */
import type { PoolClient } from "pg";
import { AppError } from "../core/errors.ts";
import type { Json, RetryPolicy, TaskSpec } from "../core/flow/spec.ts";
import { NO_RETRY } from "../core/flow/spec.ts";
import { decideStart } from "../core/run/decide.ts";
import { countTaskRuns, gatheredState, listOf } from "../core/run/fan-out.ts";
import { checkOutput } from "../core/run/output.ts";
import {
  type AttemptEndDecision,
  type AttemptOutcome,
  decideAfterAttempt,
} from "../core/run/retry.ts";
import { MAX_LOST_IN_ROW, type TaskState } from "../core/run/states.ts";
import type { AttemptError, FirstError } from "../core/run/view.ts";
import {
  findReusable,
  flagRunningItems,
  insertGathered,
  insertItems,
  readItemOutputs,
  readItems,
  readTasksOfItems,
} from "../db/fan-out.ts";
import { recordRefused } from "../db/queue-refused.ts";
import { readOutputs } from "../db/run-detail.ts";
import {
  type EndedAttempt,
  findUndecided,
  type HeldTask,
  insertAttempts,
  insertEvents,
  lockTasks,
  type RunRow,
  readElapsed,
  readStates,
  type TaskChange,
  writeTasks,
} from "../db/settle.ts";
import { type RevisionModel, revisionModel } from "../db/settle-model.ts";
import { conditionHolds } from "./condition.ts";
import { scopeFor } from "./scope.ts";

/** The report of an attempt that ended without success. */
export interface AttemptEnd {
  runId: string;
  ordinal: number;
  attempt: number;
  /** The runner that had the attempt, which need not be the one that reports. */
  runnerId: string;
  outcome: AttemptOutcome;
  error: AttemptError;
}

export interface SettledTasks {
  released: boolean;
  refused: AttemptEnd[];
  leavesEnded: number;
  /** True when the end of the run can no longer be plain success. */
  troubled: boolean;
  firstError: FirstError | null;
}

/** Rows would be locked out of order: the settlement must start over and lock widely. */
export class LockOrder extends Error {
  override readonly name = "LockOrder";
}

interface Event {
  actor: string;
  verb: string;
  detail: Record<string, Json>;
}

export class Settlement {
  readonly #client: PoolClient;
  readonly #run: RunRow;
  readonly #unit: () => number;
  readonly #locking: "narrow" | "wide";
  readonly #changes = new Map<number, TaskChange>();
  readonly #attempts: EndedAttempt[] = [];
  readonly #events: Event[] = [];
  readonly #outputs: { ordinal: number; attempt: number; output: Json }[] = [];
  /** Tasks of task runs of lists, by the ordinals of the latter. */
  readonly #itemOf = new Map<number, number>();
  readonly #result: SettledTasks = {
    released: false,
    refused: [],
    leavesEnded: 0,
    troubled: false,
    firstError: null,
  };
  /** Tasks that ended in this settlement and whose children have not been told yet. */
  #ended: number[] = [];
  #highestWaiting = -1;

  /** @param run locked by `lockRun` in the same transaction */
  constructor(client: PoolClient, run: RunRow, unit: () => number, locking: "narrow" | "wide") {
    this.#client = client;
    this.#run = run;
    this.#unit = unit;
    this.#locking = locking;
  }

  /**
   * Ends attempts, then decides and spreads until nothing is open.
   * @throws LockOrder when locking narrowly and a later wave lies below an earlier one
   */
  async apply(ends: readonly AttemptEnd[]): Promise<SettledTasks> {
    const model = await this.#model();
    const undecided = await findUndecided(this.#client, this.#run.id);
    await this.#readItemOf(ends.map((end) => end.ordinal));
    await this.#lockWidely(model, [...ends.map((end) => end.ordinal), ...undecided]);
    const held = new Map(
      (
        await lockTasks(
          this.#client,
          this.#run.id,
          ends.map((end) => end.ordinal),
        )
      ).map((task) => [task.ordinal, task]),
    );
    const elapsed = await this.#elapsed(model, ends);
    for (const end of ends) {
      const task = held.get(end.ordinal);
      if (
        task?.state === "running" &&
        task.attempt === end.attempt &&
        task.runnerId === end.runnerId
      ) {
        this.#endAttempt(model, task, end, elapsed.get(end.ordinal) ?? 0);
      } else {
        this.#result.refused.push(end);
      }
    }
    await this.#decide(model, await lockTasks(this.#client, this.#run.id, undecided));
    await this.#spread(model);
    return this.#store();
  }

  /**
   * Cancels a locked task that is ready or waits for a retry.
   * @throws LockOrder as `apply`
   */
  async cancel(ordinal: number, actor: string): Promise<SettledTasks> {
    const model = await this.#model();
    await this.#lockWidely(model, [ordinal]);
    const [task] = await lockTasks(this.#client, this.#run.id, [ordinal]);
    if (task === undefined) throw new AppError("INTERNAL", `Task ${ordinal} vanished.`);
    this.#note(actor, "task_cancelled", model, ordinal, {});
    this.#end(task, "cancelled");
    await this.#spread(model);
    return this.#store();
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
    const model = await this.#model();
    const items = await readItems(this.#client, this.#run.id, ordinal);
    await this.#readItemOf(items.map((item) => item.ordinal));
    await this.#lockWidely(model, [...items.map((item) => item.ordinal), ordinal]);
    const locked = await lockTasks(
      this.#client,
      this.#run.id,
      items.map((item) => item.ordinal),
    );
    this.#note(actor, "task_cancelled", model, ordinal, {});
    for (const item of locked) {
      if (item.state === "ready" || item.state === "retry_wait") this.#end(item, "cancelled");
    }
    const running = await flagRunningItems(this.#client, this.#run.id, ordinal);
    await this.#spread(model);
    return { tasks: await this.#store(), running };
  }

  async #readItemOf(ordinals: readonly number[]): Promise<void> {
    const found = await readTasksOfItems(this.#client, this.#run.id, ordinals);
    for (const [ordinal, of] of found) this.#itemOf.set(ordinal, of);
  }

  /** The tasks that are told of a task's end: those that need it, or the one whose list it is of. */
  #followersOf(model: RevisionModel, ordinal: number): readonly number[] {
    const of = this.#itemOf.get(ordinal);
    return of === undefined ? (model.children[ordinal] ?? []) : [of];
  }

  /** The ordinal in the revision of what is executed. */
  #definedAt(ordinal: number): number {
    return this.#itemOf.get(ordinal) ?? ordinal;
  }

  #model(): Promise<RevisionModel> {
    return revisionModel(this.#client, this.#run.revisionId, this.#run.revisionHash);
  }

  async #lockWidely(model: RevisionModel, from: readonly number[]): Promise<void> {
    if (this.#locking === "narrow") return;
    const reach = new Set(from);
    for (const ordinal of reach) {
      for (const child of this.#followersOf(model, ordinal)) reach.add(child);
    }
    await lockTasks(this.#client, this.#run.id, [...reach]);
  }

  /** Time since the first attempt, of the tasks whose policy asks for it. */
  async #elapsed(
    model: RevisionModel,
    ends: readonly AttemptEnd[],
  ): Promise<ReadonlyMap<number, number>> {
    const limited = ends
      .map((end) => end.ordinal)
      .filter((ordinal) => this.#policyOf(model, ordinal).giveUpAfterMs !== undefined);
    return readElapsed(this.#client, this.#run.id, limited);
  }

  #endAttempt(model: RevisionModel, task: HeldTask, end: AttemptEnd, elapsedMs: number): void {
    const { ordinal, attempt } = task;
    const decision = decideAfterAttempt({
      outcome: end.outcome,
      error: end.error,
      elapsedMs,
      failures: task.failures,
      lostInRow: task.lostInRow,
      policy: this.#policyOf(model, ordinal),
      cancelRequested: task.cancelRequested || this.#run.cancelRequested,
      unit: this.#unit(),
    });
    this.#attempts.push({
      ordinal,
      attempt,
      state: end.outcome === "handed_back" ? "lost" : end.outcome,
      runnerId: end.runnerId,
      startedAt: task.startedAt,
      error: withReason(end.error, decision),
    });
    const counted = countAttempt(task, end.outcome);
    switch (decision.to) {
      case "retry_wait":
        this.#note("engine", "retry_planned", model, ordinal, {
          attempt,
          message: end.error.message,
          delayMs: decision.delayMs,
        });
        // A run with a retry behind it may end recovered, which plain success cannot tell.
        this.#result.troubled = true;
        this.#change({ ...counted, state: "retry_wait", delayMs: decision.delayMs });
        return;
      case "ready":
        this.#note("engine", "attempt_lost", model, ordinal, {
          attempt,
          message: end.error.message,
        });
        this.#result.released = true;
        this.#change({ ...counted, state: "ready", delayMs: null });
        return;
      case "failed": {
        const error =
          decision.reason === "lost_too_often"
            ? {
                ...end.error,
                message: `Lost ${MAX_LOST_IN_ROW} times in a row. ${end.error.message}`,
              }
            : end.error;
        this.#fail(model, task, attempt, error);
        this.#end(counted, "failed");
        return;
      }
      case "cancelled":
        this.#end(counted, "cancelled");
        return;
    }
  }

  /** Tells the children of ended tasks, wave by wave, until no further task ends. */
  async #spread(model: RevisionModel): Promise<void> {
    while (this.#ended.length > 0) {
      const needsEnded = new Map<number, number>();
      for (const ordinal of this.#ended) {
        for (const child of this.#followersOf(model, ordinal)) {
          needsEnded.set(child, (needsEnded.get(child) ?? 0) + 1);
        }
      }
      this.#ended = [];
      const decidable: HeldTask[] = [];
      for (const task of await this.#lockChildren([...needsEnded.keys()])) {
        const pending = task.pending - (needsEnded.get(task.ordinal) ?? 0);
        // Most of the ended tasks did not succeed, so what comes after them has to be decided.
        const changed = { ...task, pending, gated: true };
        this.#change({ ...changed, delayMs: null });
        if (pending === 0) decidable.push(changed);
      }
      await this.#decide(model, decidable);
    }
  }

  async #lockChildren(ordinals: number[]): Promise<HeldTask[]> {
    const fresh = ordinals.filter((ordinal) => !this.#changes.has(ordinal));
    if (this.#locking === "narrow" && fresh.some((ordinal) => ordinal < this.#highestWaiting)) {
      throw new LockOrder(`run ${this.#run.id}`);
    }
    this.#highestWaiting = Math.max(this.#highestWaiting, ...fresh);
    const tasks = (await lockTasks(this.#client, this.#run.id, ordinals)).filter(
      (task) => task.state === "waiting",
    );
    // What earlier waves changed is not stored yet.
    return tasks.map((task) => ({ ...task, ...this.#changes.get(task.ordinal) }));
  }

  /** Decides tasks whose needs have all ended. */
  async #decide(model: RevisionModel, tasks: readonly HeldTask[]): Promise<void> {
    const waiting = tasks.filter((task) => task.state === "waiting" && task.pending === 0);
    if (waiting.length === 0) return;
    const needs = new Set(waiting.flatMap((task) => model.parents[task.ordinal] ?? []));
    const states = await readStates(this.#client, this.#run.id, [...needs]);
    for (const [ordinal, change] of this.#changes) {
      if (states.has(ordinal)) states.set(ordinal, change.state);
    }
    for (const task of waiting) {
      if (task.items !== null) await this.#gather(model, task);
      else await this.#decideOne(model, task, states);
    }
  }

  async #decideOne(
    model: RevisionModel,
    task: HeldTask,
    states: ReadonlyMap<number, TaskState>,
  ): Promise<void> {
    const needs = (model.parents[task.ordinal] ?? []).map((need) => {
      const state = states.get(need);
      if (state === undefined) throw new AppError("INTERNAL", `Task ${need} vanished.`);
      return state;
    });
    let condition: boolean | null = null;
    try {
      if (!this.#run.cancelRequested) {
        condition = await conditionHolds(this.#client, this.#run, model, task.ordinal, needs);
      }
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#failAtStart(model, task, `Condition: ${error.message}`);
      return;
    }
    const cancelRequested = this.#run.cancelRequested;
    const decision = decideStart({ needs, condition, cancelRequested });
    if (decision !== "run") {
      this.#end(task, decision);
    } else if (this.#specOf(model, task.ordinal)?.forEach !== undefined) {
      await this.#fanOut(model, task, needs);
    } else {
      this.#result.released = true;
      this.#change({ ...task, state: "ready", delayMs: null });
    }
  }

  /** Spreads a task over its list. In a rerun only what did not succeed before is executed again. */
  async #fanOut(model: RevisionModel, task: HeldTask, needs: readonly TaskState[]): Promise<void> {
    const { id, parentId, rerunScope } = this.#run;
    const { ordinal } = task;
    let count: number;
    try {
      count = await this.#countItems(model, ordinal);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#failAtStart(model, task, `for_each: ${error.message}`);
      return;
    }
    // The list is the same only when everything upstream was taken over.
    const sameList = needs.every((state) => state === "reused" || state === "skipped");
    const named = `from:${taskId(model, ordinal)}`;
    const mayReuse = parentId !== null && rerunScope !== "all" && rerunScope !== named && sameList;
    const reused = mayReuse
      ? await findReusable(this.#client, parentId, ordinal, count)
      : new Map<number, string>();
    await insertItems(this.#client, id, ordinal, count, reused);
    const spread = { ...task, items: count, pending: count - reused.size, gated: true };
    this.#change({ ...spread, state: "waiting", delayMs: null });
    if (spread.pending > 0) this.#result.released = true;
    else await this.#gather(model, spread);
  }

  /** @throws AppError when there is no list, or it is too long */
  async #countItems(model: RevisionModel, ordinal: number): Promise<number> {
    const forEach = this.#specOf(model, ordinal)?.forEach;
    if (forEach === undefined) throw new AppError("INTERNAL", `Task ${ordinal} has no list.`);
    const read = (runId: string, of: readonly number[]) => readOutputs(this.#client, runId, of);
    const texts = typeof forEach.over === "string" ? [forEach.over] : [];
    const scope = await scopeFor(read, this.#run, model, ordinal, texts);
    return countTaskRuns(listOf(forEach, scope).length, forEach.batch);
  }

  /** Ends a task all of whose task runs have ended: as their sum, or with what they returned. */
  async #gather(model: RevisionModel, task: HeldTask): Promise<void> {
    const { ordinal } = task;
    const items = await readItems(this.#client, this.#run.id, ordinal);
    const states = items.map((item) => this.#changes.get(item.ordinal)?.state ?? item.state);
    const state = gatheredState(states);
    if (state === "cancelled") {
      this.#end(task, "cancelled");
      return;
    }
    const attempt = task.attempt + 1;
    const ended = { ordinal, attempt, runnerId: null, startedAt: task.startedAt };
    const error =
      state === "failed"
        ? failedItems(states)
        : await this.#gatherOutputs(ordinal, attempt, items.length);
    this.#attempts.push({ ...ended, state: error === null ? "succeeded" : "failed", error });
    if (error === null) {
      if (task.leaf) this.#result.leavesEnded += 1;
      this.#ended.push(ordinal);
      this.#change({ ...task, attempt, state: "succeeded", delayMs: null });
    } else {
      this.#fail(model, task, attempt, error);
      this.#end({ ...task, attempt, failures: task.failures + 1 }, "failed");
    }
  }

  /** @returns why what was gathered cannot be an output, or null */
  async #gatherOutputs(
    ordinal: number,
    attempt: number,
    count: number,
  ): Promise<AttemptError | null> {
    const outputs = count === 0 ? [] : await readItemOutputs(this.#client, this.#run.id, ordinal);
    try {
      this.#outputs.push({ ordinal, attempt, output: checkOutput(outputs) });
      return null;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { kind: "output", message: `All task runs succeeded. ${error.message}` };
    }
  }

  /** What cannot be evaluated fails the task; an attempt makes the reason visible. */
  #failAtStart(model: RevisionModel, task: HeldTask, message: string): void {
    const attempt = task.attempt + 1;
    const error: AttemptError = { kind: "template", message };
    const runnerId = null;
    const { ordinal } = task;
    this.#attempts.push({ ordinal, attempt, state: "failed", runnerId, startedAt: null, error });
    this.#fail(model, task, attempt, error);
    this.#end({ ...task, attempt, failures: task.failures + 1 }, "failed");
  }

  #fail(model: RevisionModel, task: HeldTask, attempt: number, error: AttemptError): void {
    const { message, line } = error;
    const { ordinal, item } = task;
    const place = item === null ? {} : { item };
    this.#note("engine", "task_failed", model, ordinal, { attempt, message, ...place });
    this.#result.firstError ??= {
      task: taskId(model, this.#definedAt(ordinal)),
      ...place,
      attempt,
      message,
      ...(line === undefined ? {} : { line }),
    };
  }

  #end(task: HeldTask, state: "failed" | "cancelled" | "upstream_failed" | "skipped"): void {
    if (state !== "skipped") this.#result.troubled = true;
    if (task.leaf) this.#result.leavesEnded += 1;
    this.#ended.push(task.ordinal);
    this.#change({ ...task, state, delayMs: null });
  }

  #change(change: TaskChange): void {
    const { ordinal, state, pending, gated, attempt, failures, lostInRow, delayMs } = change;
    this.#changes.set(ordinal, {
      ordinal,
      state,
      pending,
      gated,
      attempt,
      failures,
      lostInRow,
      delayMs,
    });
  }

  #note(
    actor: string,
    verb: string,
    model: RevisionModel,
    ordinal: number,
    detail: Record<string, Json>,
  ): void {
    const task = taskId(model, this.#definedAt(ordinal));
    this.#events.push({ actor, verb, detail: { task, ...detail } });
  }

  #specOf(model: RevisionModel, ordinal: number): TaskSpec | undefined {
    return model.spec.tasks[taskId(model, this.#definedAt(ordinal))];
  }

  #policyOf(model: RevisionModel, ordinal: number): RetryPolicy {
    return this.#specOf(model, ordinal)?.retry ?? NO_RETRY;
  }

  async #store(): Promise<SettledTasks> {
    const { id } = this.#run;
    await writeTasks(this.#client, id, [...this.#changes.values()]);
    await insertAttempts(this.#client, id, this.#attempts);
    await insertGathered(this.#client, id, this.#outputs);
    await insertEvents(this.#client, id, this.#events);
    for (const end of this.#result.refused) {
      await recordRefused(this.#client, end.runnerId, [end], end.outcome);
    }
    return this.#result;
  }
}

/** The error as it is kept: with the reason when attempts were left and no retry follows. */
function withReason(error: AttemptError, decision: AttemptEndDecision): AttemptError {
  if (decision.to !== "failed") return error;
  const { reason } = decision;
  return reason === "exhausted" || reason === "lost_too_often"
    ? error
    : { ...error, gaveUp: reason };
}

function failedItems(states: readonly TaskState[]): AttemptError {
  const failed = states.filter((state) => state === "failed").length;
  const message = `${failed} of ${states.length} task runs failed, first number ${states.indexOf("failed")}.`;
  return { kind: "items", message };
}

function taskId(model: RevisionModel, ordinal: number): string {
  const id = model.taskIds[ordinal];
  if (id === undefined) throw new AppError("INTERNAL", `There is no task number ${ordinal}.`);
  return id;
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
