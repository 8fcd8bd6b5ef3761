import fc from "fast-check";
import type { GraphView } from "#server/core/flow/view.ts";

/** A graph for tests from a list of needs: `graphOf({ a: [], b: ["a"] })`. */
export function graphOf(needs: Record<string, string[]>): GraphView {
  return {
    hash: JSON.stringify(needs),
    tasks: Object.entries(needs).map(([id, list]) => ({
      id,
      name: null,
      type: "noop",
      needs: list,
    })),
  };
}

/** `width` tasks per layer, each needing `fanIn` tasks of the layer before. */
export function latticeGraph(layers: number, width: number, fanIn: number): GraphView {
  const needs: Record<string, string[]> = {};
  for (let layer = 0; layer < layers; layer++) {
    for (let i = 0; i < width; i++) {
      const before: string[] = [];
      for (let k = 0; layer > 0 && k < fanIn; k++) {
        before.push(`s${layer - 1}_${(i * 7 + k * 3) % width}`);
      }
      needs[`s${layer}_${i}`] = [...new Set(before)];
    }
  }
  return graphOf(needs);
}

/** Random acyclic graphs: each task needs some of those before it. */
export function acyclicGraphs(maxTasks: number): fc.Arbitrary<GraphView> {
  return fc
    .array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: maxTasks })
    .map((rows) => {
      const needs: Record<string, string[]> = {};
      rows.forEach((picks, i) => {
        const list = i === 0 ? [] : picks.map((pick) => `t${pick % i}`);
        needs[`t${i}`] = [...new Set(list)];
      });
      return graphOf(needs);
    });
}
