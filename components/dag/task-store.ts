import type { TaskStateCounts } from "#server/core/run/states.ts";
import type { TaskRunView } from "#server/core/run/view.ts";

type Listener = () => void;

/**
 * Task runs by id, outside of React's state: a live update wakes only the nodes whose task run
 * changed, and the canvas keeps the same list of nodes.
 */
export class TaskStore {
  #tasks = new Map<string, TaskRunView>();
  readonly #byTask = new Map<string, Set<Listener>>();
  readonly #any = new Set<Listener>();
  #rollUps = new Map<readonly string[], TaskStateCounts>();
  #clock: { server: number; local: number } | null = null;

  get(id: string): TaskRunView | null {
    return this.#tasks.get(id) ?? null;
  }

  /** All task runs in the order of the last update. */
  all(): TaskRunView[] {
    return [...this.#tasks.values()];
  }

  /** Takes over a list of task runs. An unchanged task run is the same object as before. */
  update(tasks: readonly TaskRunView[]): void {
    const before = this.#tasks;
    const changed: string[] = [];
    this.#tasks = new Map(tasks.map((task) => [task.id, task]));
    for (const task of tasks) if (before.get(task.id) !== task) changed.push(task.id);
    for (const id of before.keys()) if (!this.#tasks.has(id)) changed.push(id);
    if (changed.length === 0) return;
    this.#rollUps = new Map();
    for (const id of changed) for (const listener of this.#byTask.get(id) ?? []) listener();
    for (const listener of this.#any) listener();
  }

  /**
   * Sets the server's clock.
   * @param server ISO time at the server, valid at the moment of the call
   * @param local  this page's monotonic clock, in milliseconds
   */
  setNow(server: string, local: number): void {
    this.#clock = { server: Date.parse(server), local };
  }

  /** The server's time now, in epoch milliseconds; 0 when it was never set. */
  now(local: number): number {
    return this.#clock === null ? 0 : this.#clock.server + local - this.#clock.local;
  }

  /** How many of `members` are in each state. The same object until something changes. */
  rollUp(members: readonly string[]): TaskStateCounts {
    const known = this.#rollUps.get(members);
    if (known) return known;
    const counts: TaskStateCounts = {};
    for (const member of members) {
      const state = this.#tasks.get(member)?.state;
      if (state !== undefined) counts[state] = (counts[state] ?? 0) + 1;
    }
    this.#rollUps.set(members, counts);
    return counts;
  }

  subscribe(id: string, listener: Listener): () => void {
    const listeners = this.#byTask.get(id) ?? new Set();
    this.#byTask.set(id, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#byTask.delete(id);
    };
  }

  subscribeAny(listener: Listener): () => void {
    this.#any.add(listener);
    return () => this.#any.delete(listener);
  }
}
