import type { TaskRunView } from "#server/core/run/view.ts";
import type { GraphIndex } from "./graph-index.ts";

/**
 * The chain of tasks that the run's length came from: starting at the task that ended last, each
 * time back to the need that ended last. A task still running ends at `now`; tasks that never
 * started and reused ones take no time and end the chain.
 * @param now epoch milliseconds
 * @returns ids from first to last; empty when nothing has started
 */
export function criticalPath(
  index: GraphIndex,
  tasks: readonly TaskRunView[],
  now: number,
): string[] {
  const ends = new Map<string, number>();
  for (const task of tasks) {
    if (task.startedAt === null || task.state === "reused") continue;
    ends.set(task.id, task.finishedAt === null ? now : Date.parse(task.finishedAt));
  }
  const latest = (ids: Iterable<string>): string | null => {
    let found: string | null = null;
    let end = -Infinity;
    for (const id of ids) {
      const at = ends.get(id);
      // Of equal ends the later in the graph's order: it is nearer to the end of the run.
      if (at === undefined || at < end) continue;
      found = id;
      end = at;
    }
    return found;
  };
  const inOrder = index.order.map((task) => index.ids[task] ?? "");
  const path: string[] = [];
  for (let id = latest(inOrder); id !== null; ) {
    path.unshift(id);
    const task = index.indexOf.get(id);
    const needs = task === undefined ? [] : (index.parents[task] ?? []);
    id = latest(needs.map((need) => index.ids[need] ?? ""));
  }
  return path;
}
