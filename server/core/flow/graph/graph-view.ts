import { canonicalJson, sha256Hex } from "../canonical.ts";
import type { FlowSpec } from "../spec.ts";
import type { GraphView } from "../view.ts";

/**
 * What a canvas draws of a flow: tasks in topological order with what they need.
 * @param order task ids by ordinal
 * @returns the graph and a hash of its shape, which layouts are cached by
 */
export function graphView(spec: FlowSpec, order: readonly string[]): GraphView {
  const tasks = order.map((id) => {
    const task = spec.tasks[id];
    return {
      id,
      name: task?.name ?? null,
      type: task?.type ?? "",
      needs: [...(task?.needs ?? [])],
    };
  });
  return { tasks, hash: sha256Hex(canonicalJson(tasks.map(({ id, needs }) => [id, needs]))) };
}
