import type { GraphView } from "#server/core/flow/view.ts";
import type { TaskRunView } from "#server/core/run/view.ts";

/**
 * The failures that kept a task from running: the nearest failed or cancelled tasks upstream of it,
 * in the order of the graph.
 */
export function causesUpstream(
  graph: GraphView,
  tasks: readonly TaskRunView[],
  task: string,
): TaskRunView[] {
  const needs = new Map(graph.tasks.map(({ id, needs: list }) => [id, list]));
  const runs = new Map(tasks.map((run) => [run.id, run]));
  const seen = new Set<string>();
  const causes = new Set<string>();
  const stack = [...(needs.get(task) ?? [])];
  for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const state = runs.get(id)?.state;
    if (state === "failed" || state === "cancelled") causes.add(id);
    else if (state === "upstream_failed") stack.push(...(needs.get(id) ?? []));
  }
  return tasks.filter(({ id }) => causes.has(id));
}
