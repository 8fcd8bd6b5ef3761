/** What a settlement has decided so far, in memory, until it is stored at once. */
import type { PoolClient } from "pg";
import { AppError } from "../../core/errors.ts";
import type { Json, RetryPolicy, TaskSpec } from "../../core/flow/spec.ts";
import { NO_RETRY } from "../../core/flow/spec.ts";
import type { AttemptError } from "../../core/run/attempt-view.ts";
import type { AttemptOutcome } from "../../core/run/retry.ts";
import type { TaskState } from "../../core/run/states.ts";
import type { FirstError } from "../../core/run/view.ts";
import { recordRefused } from "../../db/queue/queue-refused.ts";
import { insertGathered } from "../../db/run/fan-out.ts";
import {
  type EndedAttempt,
  type HeldTask,
  insertAttempts,
  insertEvents,
  type RunRow,
  type TaskChange,
  writeTasks,
} from "../../db/run/settle.ts";
import type { RevisionModel } from "../../db/run/settle-model.ts";

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

export class SettlementRecord {
  readonly run: RunRow;
  readonly model: RevisionModel;
  /** Tasks of task runs of lists, by the ordinals of the latter. */
  readonly itemOf = new Map<number, number>();
  readonly #changes = new Map<number, TaskChange>();
  readonly #attempts: EndedAttempt[] = [];
  readonly #outputs: { ordinal: number; attempt: number; output: Json }[] = [];
  readonly #events: { actor: string; verb: string; detail: Record<string, Json> }[] = [];
  readonly #result: SettledTasks = {
    released: false,
    refused: [],
    leavesEnded: 0,
    troubled: false,
    firstError: null,
  };
  /** Tasks that ended and whose children have not been told yet. */
  #ended: number[] = [];

  constructor(run: RunRow, model: RevisionModel) {
    this.run = run;
    this.model = model;
  }

  /** What a task has become, if it has changed. */
  changeOf(ordinal: number): TaskChange | undefined {
    return this.#changes.get(ordinal);
  }

  /** Tasks that have ended since this was asked last. */
  takeEnded(): number[] {
    const ended = this.#ended;
    this.#ended = [];
    return ended;
  }

  change(change: TaskChange): void {
    const { ordinal, state, pending, gated, attempt, failures, lostInRow, delayMs } = change;
    const fields = { ordinal, state, pending, gated, attempt, failures, lostInRow, delayMs };
    this.#changes.set(ordinal, fields);
  }

  /** A task becomes ready. */
  release(task: HeldTask): void {
    this.releasedSome();
    this.change({ ...task, state: "ready", delayMs: null });
  }

  /** Something became ready that is no task known here. */
  releasedSome(): void {
    this.#result.released = true;
  }

  /** The run can no longer end in plain success, or may have recovered. */
  trouble(): void {
    this.#result.troubled = true;
  }

  refuse(end: AttemptEnd): void {
    this.#result.refused.push(end);
  }

  attempt(attempt: EndedAttempt): void {
    this.#attempts.push(attempt);
  }

  /** What the task runs of a list returned, in order. */
  output(ordinal: number, attempt: number, output: Json): void {
    this.#outputs.push({ ordinal, attempt, output });
  }

  /** A task ends without an attempt of its own having succeeded. */
  end(task: HeldTask, state: "failed" | "cancelled" | "upstream_failed" | "skipped"): void {
    if (state !== "skipped") this.trouble();
    this.#finish(task, state);
  }

  succeed(task: HeldTask): void {
    this.#finish(task, "succeeded");
  }

  #finish(task: HeldTask, state: TaskState): void {
    if (task.leaf) this.#result.leavesEnded += 1;
    this.#ended.push(task.ordinal);
    this.change({ ...task, state, delayMs: null });
  }

  /** What cannot be evaluated fails the task; an attempt makes the reason visible. */
  failAtStart(task: HeldTask, message: string): void {
    const attempt = task.attempt + 1;
    const error: AttemptError = { kind: "template", message };
    const { ordinal } = task;
    this.attempt({ ordinal, attempt, state: "failed", runnerId: null, startedAt: null, error });
    this.fail({ ...task, attempt, failures: task.failures + 1 }, error);
  }

  /** An attempt, the task's last one, has failed it. */
  fail(task: HeldTask, error: AttemptError): void {
    const { message, line } = error;
    const { ordinal, attempt, item } = task;
    const place = item === null ? {} : { item };
    const name = this.specOf(ordinal)?.name;
    this.note("engine", "task_failed", ordinal, { attempt, message, ...place });
    this.#result.firstError ??= {
      task: this.taskId(ordinal),
      ...(name === undefined ? {} : { name }),
      ...place,
      attempt,
      message,
      ...(line === undefined ? {} : { line }),
    };
    this.end(task, "failed");
  }

  /** An entry of the run's history about a task. */
  note(actor: string, verb: string, ordinal: number, detail: Record<string, Json>): void {
    this.#events.push({ actor, verb, detail: { task: this.taskId(ordinal), ...detail } });
  }

  /** The id of a task, for a task run of a list that of its task. */
  taskId(ordinal: number): string {
    const definedAt = this.itemOf.get(ordinal) ?? ordinal;
    const id = this.model.taskIds[definedAt];
    if (id === undefined) throw new AppError("INTERNAL", `There is no task number ${definedAt}.`);
    return id;
  }

  specOf(ordinal: number): TaskSpec | undefined {
    return this.model.spec.tasks[this.taskId(ordinal)];
  }

  policyOf(ordinal: number): RetryPolicy {
    return this.specOf(ordinal)?.retry ?? NO_RETRY;
  }

  /** The tasks that are told of a task's end: those that need it, or the one whose list it is of. */
  followersOf(ordinal: number): readonly number[] {
    const of = this.itemOf.get(ordinal);
    return of === undefined ? (this.model.children[ordinal] ?? []) : [of];
  }

  async store(client: PoolClient): Promise<SettledTasks> {
    const { id } = this.run;
    await writeTasks(client, id, [...this.#changes.values()]);
    await insertAttempts(client, id, this.#attempts);
    await insertGathered(client, id, this.#outputs);
    await insertEvents(client, id, this.#events);
    for (const end of this.#result.refused) {
      await recordRefused(client, end.runnerId, [end], end.outcome);
    }
    return this.#result;
  }
}
