/** The tasks in the hands of one runner: executing, or ended and not yet acknowledged. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Claim } from "../../db/queue/queue.ts";
import { type Executor, keyOf, LiveTask, type Outcome } from "../execute/tasks.ts";

export interface LiveTasksOptions {
  executor: Executor;
  onEnded: (task: LiveTask, outcome: Outcome) => void;
  onError: (error: unknown) => void;
}

export class LiveTasks {
  readonly #options: LiveTasksOptions;
  readonly #tasks = new Map<string, LiveTask>();
  #executing = 0;
  #waiting = 0;
  #ended = 0;
  #waiters: (() => void)[] = [];

  constructor(options: LiveTasksOptions) {
    this.#options = options;
  }

  /** Tasks that take a slot: those that have not ended. */
  get executing(): number {
    return this.#executing;
  }

  /** Tasks without a slot that have not ended. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Tasks that have ended and not been acknowledged. */
  get unreported(): number {
    return this.#tasks.size - this.#executing - this.#waiting;
  }

  /** Attempts that have ended here so far. */
  get ended(): number {
    return this.#ended;
  }

  get(task: { runId: string; ordinal: number }): LiveTask | undefined {
    return this.#tasks.get(keyOf(task));
  }

  [Symbol.iterator](): IterableIterator<LiveTask> {
    return this.#tasks.values();
  }

  start(claimed: Claim): LiveTask {
    const task = new LiveTask(claimed);
    this.#tasks.set(keyOf(claimed), task);
    this.#count(claimed, 1);
    void this.#options.executor
      .execute(task)
      .catch((error: unknown) => this.#faultOf(error))
      .then((outcome) => {
        this.#count(claimed, -1);
        this.#ended += 1;
        this.#options.onEnded(task, outcome);
      });
    return task;
  }

  #count({ takesSlot }: Claim, by: 1 | -1): void {
    if (takesSlot) this.#executing += by;
    else this.#waiting += by;
  }

  /** A fault of this program must not take all other tasks of the runner with it. */
  #faultOf(error: unknown): Outcome {
    this.#options.onError(error);
    const why = error instanceof Error ? error.message : String(error);
    const message = `The runner could not execute the task: ${why}`.replaceAll("\0", "");
    return { kind: "failed", error: { kind: "start", message } };
  }

  /** Its end has been acknowledged. */
  remove(task: LiveTask): void {
    this.#tasks.delete(keyOf(task.claim));
    this.notify();
  }

  /** Resolves when no task is left, at the latest after `limitMs`. @returns whether none is */
  async settled(limitMs: number): Promise<boolean> {
    const limit = sleep(limitMs, undefined, { ref: false });
    while (this.#tasks.size > 0) {
      const changed = this.changed().then(() => "changed" as const);
      if ((await Promise.race([changed, limit])) !== "changed") return this.#tasks.size === 0;
    }
    return true;
  }

  /** Resolves at the next `notify`. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** Something has changed that somebody may wait for. */
  notify(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const resolve of waiters) resolve();
  }
}
