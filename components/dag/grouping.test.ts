import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { indexGraph } from "./graph-index.ts";
import { commonName, groupTasks, stem, UNGROUPED_LIMIT } from "./grouping.ts";
import { buildScene } from "./scene.ts";
import { acyclicGraphs, graphOf, latticeGraph } from "./testing/graphs.ts";

describe("groupTasks", () => {
  it("leaves a small graph alone", () => {
    expect(groupTasks(indexGraph(latticeGraph(3, UNGROUPED_LIMIT / 3, 2)))).toEqual([]);
  });

  it.each([
    { graph: latticeGraph(10, 100, 3), why: "wide layers" },
    { graph: latticeGraph(1000, 1, 1), why: "one long chain" },
    { graph: latticeGraph(2, 5_000, 2), why: "10,000 tasks in two layers" },
    { graph: latticeGraph(100, 100, 4), why: "10,000 tasks in many layers" },
  ])("keeps the picture small: $why", ({ graph }) => {
    const scene = buildScene(graph, { direction: "right", expanded: [] });
    expect(scene.nodes.length).toBeLessThanOrEqual(100);
    const drawn = scene.nodes.flatMap((node) => (node.kind === "task" ? [node.id] : node.members));
    expect(drawn.sort()).toEqual(graph.tasks.map((task) => task.id).sort());
  });

  it("has an acyclic quotient and loses no task", () => {
    const padded = acyclicGraphs(90).map((graph) => {
      const needs: Record<string, string[]> = {};
      for (const task of graph.tasks) needs[task.id] = task.needs;
      for (let i = 0; i < UNGROUPED_LIMIT; i++)
        needs[`pad${i}-${i % 7}`] = [`t${i % graph.tasks.length}`];
      return graphOf(needs);
    });
    fc.assert(
      fc.property(padded, (graph) => {
        const scene = buildScene(graph, { direction: "right", expanded: [] });
        const quotient: Record<string, string[]> = {};
        for (const node of scene.nodes) quotient[node.id] = [];
        for (const edge of scene.edges) quotient[edge.target]?.push(edge.source);
        const index = indexGraph(graphOf(quotient));
        index.parents.forEach((parents, unit) => {
          for (const parent of parents) {
            expect(index.layer[parent]).toBeLessThan(index.layer[unit] ?? -1);
          }
        });
        const drawn = scene.nodes.reduce(
          (sum, node) => sum + (node.kind === "task" ? 1 : node.members.length),
          0,
        );
        expect(drawn).toBe(graph.tasks.length);
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    { id: "mProject_00000002", want: "mProject" },
    { id: "extract_2015_01", want: "extract" },
    { id: "load-orders", want: "load-orders" },
    { id: "t12", want: "t" },
    { id: "42", want: "42" },
  ])("takes $want as the stem of $id", ({ id, want }) => {
    expect(stem(id)).toBe(want);
  });

  it.each([
    { ids: ["s3_0", "s3_1", "s3_99"], want: "s3" },
    { ids: ["mProject_00000001", "mProject_00000048"], want: "mProject" },
    { ids: ["extract_2015_01", "extract_2015_02"], want: "extract_2015" },
    { ids: ["t10", "t19"], want: "t" },
    { ids: ["load-orders", "load-users"], want: "load" },
    { ids: ["a", "b"], want: null },
  ])("calls $ids $want", ({ ids, want }) => {
    expect(commonName(ids)).toBe(want);
  });
});
