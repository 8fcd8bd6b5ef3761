/**
 * What should become of a run, in a few plain rules and without a database: the model that the
 * engine is compared with. It decides each task on its own, in the order of the graph, again and
 * again until nothing changes; it knows no counters, no locks and no waves.
 */
import type { RunState, TaskState } from "#server/core/run/states.ts";

export type ModelCondition =
  | "none"
  | "success"
  | "failure"
  | "always"
  | "true"
  | "false"
  | "broken";

export interface ModelTask {
  needs: number[];
  condition: ModelCondition;
  /** Total tries. */
  attempts: number;
}

export interface ModelTaskState {
  state: TaskState;
  attempt: number;
  failures: number;
  lostInRow: number;
  cancelRequested: boolean;
  /** When it was taken last, counted in takes. */
  takenAt: number;
  /** The loss, counted in losses, after which it waits to be tried apart from others of that loss. */
  apartSince: number | null;
}

export type ModelEnd = "succeeded" | "failed" | "timed_out" | "handed_back" | "cancelled";

const good: readonly TaskState[] = ["succeeded", "reused"];
const open: readonly TaskState[] = ["waiting", "ready", "running", "retry_wait"];

export class RunModel {
  readonly tasks: readonly ModelTask[];
  readonly states: ModelTaskState[];
  cancelRequested = false;
  started = false;
  #takes = 0;
  #losses = 0;

  constructor(tasks: readonly ModelTask[]) {
    this.tasks = tasks;
    this.states = tasks.map(() => ({
      state: "waiting",
      attempt: 0,
      failures: 0,
      lostInRow: 0,
      cancelRequested: false,
      takenAt: 0,
      apartSince: null,
    }));
    this.#settle();
  }

  at(ordinal: number): ModelTaskState {
    const state = this.states[ordinal];
    if (state === undefined) throw new Error(`the model has no task ${ordinal}`);
    return state;
  }

  ordinalsIn(state: TaskState): number[] {
    return this.states.flatMap((task, ordinal) => (task.state === state ? [ordinal] : []));
  }

  /** A runner got the tasks, at once. */
  take(ordinals: readonly number[]): void {
    this.#takes += 1;
    for (const ordinal of ordinals) {
      const task = this.at(ordinal);
      task.state = "running";
      task.attempt += 1;
      task.takenAt = this.#takes;
      task.apartSince = null;
      this.started = true;
    }
  }

  /** A runner is lost with all that it had. Of those lost twice before only the last begun fails. */
  lose(ordinals: readonly number[]): void {
    this.#losses += 1;
    const order = (ordinal: number) => this.at(ordinal).takenAt * 1_000 + ordinal;
    const suspects = ordinals.filter((ordinal) => this.at(ordinal).lostInRow >= 2);
    const last = Math.max(...suspects.map(order));
    const blamed = suspects.find((ordinal) => order(ordinal) === last);
    for (const ordinal of ordinals) {
      const task = this.at(ordinal);
      task.lostInRow += 1;
      if (this.cancelRequested || task.cancelRequested) task.state = "cancelled";
      else if (task.lostInRow < 2) task.state = "ready";
      else if (ordinal === blamed) task.state = "failed";
      else {
        task.state = "retry_wait";
        task.apartSince = this.#losses;
      }
    }
    this.#settle();
  }

  end(ordinal: number, how: ModelEnd): void {
    const task = this.at(ordinal);
    const stop = this.cancelRequested || task.cancelRequested;
    switch (how) {
      case "succeeded":
      case "cancelled":
        task.state = how;
        break;
      case "failed":
      case "timed_out":
        task.failures += 1;
        task.lostInRow = 0;
        if (task.failures >= (this.tasks[ordinal]?.attempts ?? 1)) task.state = "failed";
        else task.state = stop ? "cancelled" : "retry_wait";
        break;
      case "handed_back":
        task.state = stop ? "cancelled" : "ready";
        break;
    }
    this.#settle();
  }

  promote(): void {
    const gone = new Set<number>();
    for (const task of this.states) {
      if (task.state !== "retry_wait") continue;
      if (task.apartSince !== null && gone.has(task.apartSince)) continue;
      if (task.apartSince !== null) gone.add(task.apartSince);
      task.state = "ready";
    }
  }

  /** @returns whether it could be cancelled */
  cancelTask(ordinal: number): boolean {
    const task = this.at(ordinal);
    if (task.state === "running") task.cancelRequested = true;
    else if (task.state === "ready" || task.state === "retry_wait") task.state = "cancelled";
    else return false;
    this.#settle();
    return true;
  }

  cancelRun(): boolean {
    if (this.runState !== "queued" && this.runState !== "running") return false;
    this.cancelRequested = true;
    for (const task of this.states) {
      if (task.state === "running") task.cancelRequested = true;
      else if (open.includes(task.state)) task.state = "cancelled";
    }
    return true;
  }

  get runState(): RunState {
    const states = this.states.map((task) => task.state);
    if (states.some((state) => open.includes(state))) return this.started ? "running" : "queued";
    if (this.cancelRequested && states.includes("cancelled")) return "cancelled";
    const bad: TaskState[] = ["failed", "upstream_failed", "cancelled"];
    return states.some((state) => bad.includes(state)) ? "failed" : "succeeded";
  }

  get recovered(): boolean {
    return this.runState === "succeeded" && this.states.some((task) => task.failures > 0);
  }

  #settle(): void {
    for (let changed = true; changed; ) {
      changed = false;
      this.states.forEach((task, ordinal) => {
        if (task.state !== "waiting") return;
        const needs = this.tasks[ordinal]?.needs.map((need) => this.at(need).state) ?? [];
        if (needs.some((need) => open.includes(need))) return;
        this.#decide(ordinal, needs);
        changed = true;
      });
    }
  }

  #decide(ordinal: number, needs: readonly TaskState[]): void {
    const task = this.at(ordinal);
    const allGood = needs.every((need) => good.includes(need));
    const someFailed = needs.some((need) => need === "failed" || need === "upstream_failed");
    const someTrouble = someFailed || needs.includes("cancelled");
    const otherwise = someTrouble ? "upstream_failed" : "skipped";
    const runs: Record<ModelCondition, boolean> = {
      none: allGood,
      success: allGood,
      failure: someFailed,
      always: true,
      true: allGood,
      false: false,
      broken: allGood,
    };
    const condition = this.tasks[ordinal]?.condition ?? "none";
    if (!runs[condition]) task.state = otherwise;
    else if (condition === "broken") {
      task.state = "failed";
      task.attempt += 1;
      task.failures += 1;
    } else task.state = "ready";
  }
}

/** The text of a condition in a flow whose parameter `x` is 1. */
export const conditionText: Readonly<Record<ModelCondition, string | undefined>> = {
  none: undefined,
  success: "success()",
  failure: "failure()",
  always: "always()",
  true: "params.x == 1",
  false: "params.x == 2",
  broken: "params.x < 'text'",
};
