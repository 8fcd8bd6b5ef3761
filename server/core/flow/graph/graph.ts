import type { FlowGraph } from "../spec.ts";

/** What the graph needs of a task. Every need is a key of the same record. */
export interface GraphTask {
  needs: readonly string[];
}

export type GraphResult =
  | { ok: true; graph: FlowGraph }
  /** Each cycle begins with its smallest id; each task needs the one before it, the first the last. */
  | { ok: false; cycles: string[][] };

/**
 * Orders tasks by depth, that is by their longest path from a task without needs, and equal depths by
 * id in code-unit order: equal specs give equal ordinals. Time is linear but for sorting the ids.
 * @returns the graph by ordinal, or at most one cycle of each knot of tasks that wait for each other
 */
export function buildGraph(tasks: Readonly<Record<string, GraphTask>>): GraphResult {
  const ids = Object.keys(tasks).sort();
  const index = new Map(ids.map((id, position) => [id, position]));
  const parents = ids.map((id) =>
    (tasks[id]?.needs ?? []).flatMap((need) => index.get(need) ?? []),
  );
  const children = invert(parents);
  const depths = layer(parents, children);
  if (depths === null) return { ok: false, cycles: findCycles(ids, parents) };

  const layers: number[][] = [];
  for (const [position, depth] of depths.entries()) {
    const layer = layers[depth];
    if (layer === undefined) layers[depth] = [position];
    else layer.push(position);
  }
  const order = layers.flat();
  const ordinals = new Int32Array(ids.length);
  for (const [ordinal, position] of order.entries()) ordinals[position] = ordinal;
  const byOrdinal = (edges: readonly (readonly number[])[]) =>
    order.map((position) =>
      (edges[position] ?? []).map((other) => ordinals[other] ?? 0).sort((a, b) => a - b),
    );
  return {
    ok: true,
    graph: {
      taskIds: order.map((position) => ids[position] ?? ""),
      parents: byOrdinal(parents),
      children: byOrdinal(children),
    },
  };
}

function invert(parents: readonly (readonly number[])[]): number[][] {
  const children: number[][] = parents.map(() => []);
  for (const [child, own] of parents.entries()) {
    for (const parent of own) children[parent]?.push(child);
  }
  return children;
}

/** The depth of each task, or null when some of them wait for each other. */
function layer(
  parents: readonly (readonly number[])[],
  children: readonly (readonly number[])[],
): Int32Array | null {
  const depths = new Int32Array(parents.length);
  const open = Int32Array.from(parents, (own) => own.length);
  const queue = [...open.keys()].filter((position) => open[position] === 0);
  for (let next = 0; next < queue.length; next += 1) {
    const parent = queue[next] ?? 0;
    for (const child of children[parent] ?? []) {
      depths[child] = (depths[parent] ?? 0) + 1; // the queue goes by depth: the last one is deepest
      const left = (open[child] ?? 0) - 1;
      open[child] = left;
      if (left === 0) queue.push(child);
    }
  }
  return queue.length === parents.length ? depths : null;
}

/**
 * One cycle from each knot that a walk along needs runs into. A walk stops at whatever an earlier one
 * has seen, so that every edge is followed once.
 */
function findCycles(ids: readonly string[], parents: readonly (readonly number[])[]): string[][] {
  const NEW = 0;
  const OPEN = 1;
  const DONE = 2;
  const marks = new Uint8Array(ids.length);
  const nextNeed = new Int32Array(ids.length);
  const knotted = new Set<number>();
  const cycles: string[][] = [];
  for (const start of ids.keys()) {
    if (marks[start] !== NEW) continue;
    const path = [start];
    marks[start] = OPEN;
    for (let at = path.at(-1); at !== undefined; at = path.at(-1)) {
      const need = parents[at]?.[nextNeed[at] ?? 0];
      if (need === undefined) {
        marks[at] = DONE;
        path.pop();
        continue;
      }
      nextNeed[at] = (nextNeed[at] ?? 0) + 1;
      if (marks[need] === NEW) {
        marks[need] = OPEN;
        path.push(need);
      } else if (marks[need] === OPEN && !knotted.has(need) && !knotted.has(at)) {
        const cycle = path.slice(path.indexOf(need));
        if (cycle.every((position) => !knotted.has(position))) {
          cycles.push(rotate(cycle.map((position) => ids[position] ?? "").reverse()));
        }
        for (const position of cycle) knotted.add(position);
      }
    }
  }
  return cycles;
}

/** Begins the cycle at its smallest id. */
function rotate(cycle: string[]): string[] {
  const smallest = cycle.reduce((best, id, at) => (id < (cycle[best] ?? "") ? at : best), 0);
  return [...cycle.slice(smallest), ...cycle.slice(0, smallest)];
}

/** How many tasks of a long cycle are named at each end. */
const SHOWN = 4;

/** `a → b → c → a`, an arrow from each task to the one that needs it; long cycles are shortened. */
export function cyclePath(cycle: readonly string[]): string {
  const shown =
    cycle.length <= 2 * SHOWN + 1
      ? cycle
      : [...cycle.slice(0, SHOWN), `… ${cycle.length - 2 * SHOWN} more …`, ...cycle.slice(-SHOWN)];
  return [...shown, cycle[0]].join(" → ");
}

/**
 * Answers whether one task comes before another, directly or through others.
 * The first question about tasks that are not neighbours costs tasks × edges / 32 steps.
 */
export function upstreamOf(graph: FlowGraph): {
  has(child: number, ancestor: number): boolean;
  list(child: number): number[];
} {
  const words = Math.ceil(graph.taskIds.length / 32);
  let sets: Uint32Array[] | undefined;
  const build = (): Uint32Array[] => {
    const built: Uint32Array[] = [];
    for (const own of graph.parents) {
      const set = new Uint32Array(words);
      for (const parent of own) {
        const above = built[parent] ?? new Uint32Array(0);
        // An indexed loop: this one runs tasks × edges / 32 times.
        for (let at = 0; at < above.length; at += 1) set[at] = (set[at] ?? 0) | (above[at] ?? 0);
        set[parent >> 5] = (set[parent >> 5] ?? 0) | (1 << (parent & 31));
      }
      built.push(set);
    }
    return built;
  };
  const has = (child: number, ancestor: number): boolean => {
    if (graph.parents[child]?.includes(ancestor)) return true;
    sets ??= build();
    return ((sets[child]?.[ancestor >> 5] ?? 0) & (1 << (ancestor & 31))) !== 0;
  };
  return { has, list: (child) => [...graph.taskIds.keys()].filter((other) => has(child, other)) };
}
