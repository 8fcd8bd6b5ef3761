/** Flows of a given form, as a compiler would hand them over. */
import { canonicalJson, sha256Hex } from "#server/core/flow/canonical.ts";
import {
  type CompiledFlow,
  type FlowSpec,
  type ForEach,
  type Json,
  NO_RETRY,
  type ScheduleSpec,
  SPEC_VERSION,
} from "#server/core/flow/spec.ts";

export interface Shape {
  type: string;
  with?: Record<string, Json>;
  /** The list that every task is executed over. */
  forEach?: ForEach;
  /** For each task the earlier ones it needs, ascending. */
  needs: readonly (readonly number[])[];
}

/** Names in topological order sort in the same order, so that ordinals equal positions. */
const nameOf = (ordinal: number): string => `t${String(ordinal).padStart(5, "0")}`;

export function makeFlow(id: string, shape: Shape, schedules: ScheduleSpec[] = []): CompiledFlow {
  const spec: FlowSpec = {
    specVersion: SPEC_VERSION,
    id,
    tags: [],
    params: {},
    schedules,
    notify: [],
    files: [],
    tasks: Object.fromEntries(
      shape.needs.map((needs, ordinal) => [
        nameOf(ordinal),
        {
          type: shape.type,
          needs: needs.map(nameOf),
          ...(shape.forEach === undefined ? {} : { forEach: shape.forEach }),
          env: {},
          retry: NO_RETRY,
          pool: "default",
          writes: { mode: "none" },
          with: shape.with ?? {},
        },
      ]),
    ),
  };
  const children: number[][] = shape.needs.map(() => []);
  for (const [child, needs] of shape.needs.entries()) {
    for (const parent of needs) children[parent]?.push(child);
  }
  const canonical = canonicalJson(spec);
  return {
    spec,
    canonical,
    hash: sha256Hex(canonical),
    source: { format: "yaml", path: `${id}.yaml`, text: canonical },
    blobs: [],
    graph: {
      taskIds: shape.needs.map((_, ordinal) => nameOf(ordinal)),
      parents: shape.needs.map((needs) => [...needs]),
      children,
    },
    calls: [],
  };
}

/** One task after the other. */
export const chain = (length: number): number[][] =>
  Array.from({ length }, (_, ordinal) => (ordinal === 0 ? [] : [ordinal - 1]));

/** Layers of `width` tasks, each needing all of the layer before. */
export const layers = (count: number, width: number): number[][] =>
  Array.from({ length: count * width }, (_, ordinal) => {
    const layer = Math.floor(ordinal / width);
    return layer === 0 ? [] : Array.from({ length: width }, (_, i) => (layer - 1) * width + i);
  });

/**
 * A wide DAG of `tasks` tasks and exactly `edges` edges: each task needs its neighbours before it,
 * a stride apart, as many as the number of edges asks for.
 */
export function strides(tasks: number, edges: number, stride: number): number[][] {
  const needs: number[][] = Array.from({ length: tasks }, () => []);
  let left = edges;
  for (let step = 1; left > 0 && step * stride < tasks; step++) {
    for (let task = step * stride; task < tasks && left > 0; task++, left--) {
      needs[task]?.unshift(task - step * stride);
    }
  }
  if (left > 0) throw new RangeError(`${tasks} tasks at stride ${stride} have no ${edges} edges`);
  return needs;
}
