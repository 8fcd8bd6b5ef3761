import { describe, expect, it } from "vitest";
import { indexGraph } from "./graph-index.ts";
import { directEdges, highlightOf } from "./highlight.ts";
import { buildScene } from "./scene.ts";
import { graphOf, latticeGraph } from "./testing/graphs.ts";
import { boxFlags, CRITICAL, DIMMED, edgeFlags, SELECTED } from "./view-flags.ts";

const quiet = { selected: null, lineage: false, path: null, cursor: null };

describe("highlightOf", () => {
  const graph = graphOf({ a: [], b: ["a"], c: ["b"], other: ["a"] });
  const index = indexGraph(graph);
  const scene = buildScene(graph, { direction: "right", expanded: [] });

  it("dims what the selected task has nothing to do with, and edges to it", () => {
    const highlight = highlightOf(index, scene, { ...quiet, selected: "b", lineage: true });
    expect(boxFlags("b", highlight)).toBe(SELECTED);
    expect(boxFlags("a", highlight)).toBe(0);
    expect(boxFlags("other", highlight)).toBe(DIMMED);
    expect(edgeFlags("a", "other", highlight) & DIMMED).toBe(DIMMED);
    expect(edgeFlags("b", "c", highlight)).toBe(SELECTED);
  });

  it("dims nothing while the lineage is not asked for", () => {
    const highlight = highlightOf(index, scene, { ...quiet, selected: "b" });
    expect(boxFlags("other", highlight)).toBe(0);
    expect(boxFlags("b", highlight)).toBe(SELECTED);
  });

  it("marks the critical path and only the edges along it", () => {
    const highlight = highlightOf(index, scene, { ...quiet, path: ["a", "b"] });
    expect(boxFlags("a", highlight)).toBe(CRITICAL);
    expect(edgeFlags("a", "b", highlight)).toBe(CRITICAL);
    expect(edgeFlags("a", "other", highlight)).toBe(0);
  });

  it("lets a collapsed group stand for its tasks", () => {
    const large = latticeGraph(4, 60, 1);
    const grouped = buildScene(large, { direction: "right", expanded: [] });
    const group = grouped.groups.find(({ members }) => members.includes("s2_5"));
    const highlight = highlightOf(indexGraph(large), grouped, {
      ...quiet,
      selected: "s2_5",
      lineage: true,
    });
    expect(boxFlags(group?.id ?? "", highlight)).toBe(SELECTED);
  });
});

describe("directEdges", () => {
  it("adds what frames hide for the selected task only", () => {
    const graph = latticeGraph(4, 60, 2);
    const closed = buildScene(graph, { direction: "right", expanded: [] });
    const expanded = closed.groups.slice(0, 2).map(({ id }) => id);
    const scene = buildScene(graph, { direction: "right", expanded });
    const index = indexGraph(graph);
    const needs = graph.tasks.find(({ id }) => id === "s1_3")?.needs ?? [];
    expect(directEdges(index, scene, "s1_3")).toEqual(
      needs.map((source) => ({ source, target: "s1_3" })),
    );
    expect(directEdges(index, closed, "s1_3")).toEqual([]);
  });
});
