import type { GraphView } from "#server/core/flow/view.ts";

/** A graph by position in `GraphView.tasks`, with what layout, grouping and selection need of it. */
export interface GraphIndex {
  ids: string[];
  indexOf: ReadonlyMap<string, number>;
  /** For each task the tasks it needs. A need that the graph does not hold is left out. */
  parents: number[][];
  /** For each task the tasks that need it. */
  children: number[][];
  /** Every task once, each after all that it needs. */
  order: number[];
  /** Number of edges on the longest path from a task without needs. */
  layer: number[];
  layerCount: number;
}

/**
 * Indexes a graph in linear time.
 * Tasks on a cycle (a compiled flow has none) come last in `order`, in layer 0, so that even a
 * damaged graph is drawn rather than lost.
 */
export function indexGraph(graph: GraphView): GraphIndex {
  const count = graph.tasks.length;
  const ids = graph.tasks.map((task) => task.id);
  const indexOf = new Map(ids.map((id, index) => [id, index]));
  const parents: number[][] = Array.from({ length: count }, () => []);
  const children: number[][] = Array.from({ length: count }, () => []);
  const missing = new Int32Array(count);
  graph.tasks.forEach((task, index) => {
    for (const need of task.needs) {
      const parent = indexOf.get(need);
      if (parent === undefined || parent === index) continue;
      parents[index]?.push(parent);
      children[parent]?.push(index);
      missing[index] = (missing[index] ?? 0) + 1;
    }
  });

  const order: number[] = [];
  const layer = new Array<number>(count).fill(0);
  for (let index = 0; index < count; index++) if (missing[index] === 0) order.push(index);
  let layerCount = count === 0 ? 0 : 1;
  for (let head = 0; head < order.length; head++) {
    const index = order[head] ?? 0;
    const next = (layer[index] ?? 0) + 1;
    for (const child of children[index] ?? []) {
      if (next > (layer[child] ?? 0)) layer[child] = next;
      if (next + 1 > layerCount) layerCount = next + 1;
      const left = (missing[child] ?? 0) - 1;
      missing[child] = left;
      if (left === 0) order.push(child);
    }
  }
  if (order.length < count) {
    const seen = new Set(order);
    for (let index = 0; index < count; index++) {
      if (seen.has(index)) continue;
      layer[index] = 0;
      order.push(index);
    }
  }
  return { ids, indexOf, parents, children, order, layer, layerCount };
}

/**
 * All tasks that can be reached from `start` along `edges`, without `start` itself.
 * With `parents` these are the upstream tasks, with `children` the downstream ones.
 */
export function reach(edges: readonly (readonly number[])[], start: number): Set<number> {
  const seen = new Set<number>();
  const stack = [start];
  for (let index = stack.pop(); index !== undefined; index = stack.pop()) {
    for (const next of edges[index] ?? []) {
      if (next === start || seen.has(next)) continue;
      seen.add(next);
      stack.push(next);
    }
  }
  return seen;
}

/** The selected task, all it depends on and all that depends on it: what stays bright. */
export function lineage(index: GraphIndex, task: string): Set<string> | null {
  const start = index.indexOf.get(task);
  if (start === undefined) return null;
  const kept = new Set([task]);
  for (const edges of [index.parents, index.children]) {
    for (const found of reach(edges, start)) {
      const id = index.ids[found];
      if (id !== undefined) kept.add(id);
    }
  }
  return kept;
}
