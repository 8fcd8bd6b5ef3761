import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { indexGraph, lineage } from "./graph-index.ts";
import { acyclicGraphs, graphOf } from "./testing/graphs.ts";

describe("indexGraph", () => {
  it("orders every task after all that it needs", () => {
    fc.assert(
      fc.property(acyclicGraphs(60), (graph) => {
        const index = indexGraph(graph);
        const place = new Map(index.order.map((task, at) => [task, at]));
        expect(index.order).toHaveLength(graph.tasks.length);
        index.parents.forEach((parents, task) => {
          for (const parent of parents) {
            expect(place.get(parent)).toBeLessThan(place.get(task) ?? -1);
            expect(index.layer[parent]).toBeLessThan(index.layer[task] ?? -1);
          }
        });
      }),
    );
  });

  it("keeps tasks of a damaged, cyclic graph", () => {
    const index = indexGraph(graphOf({ a: ["b"], b: ["a"], c: [] }));
    expect([...index.order].sort()).toEqual([0, 1, 2]);
  });
});

describe("lineage", () => {
  it("holds the task, its upstream and its downstream, and nothing beside them", () => {
    const index = indexGraph(
      graphOf({ a: [], b: ["a"], side: ["a"], c: ["b"], d: ["c"], other: [] }),
    );
    expect(lineage(index, "b")).toEqual(new Set(["a", "b", "c", "d"]));
    expect(lineage(index, "unknown")).toBeNull();
  });
});
