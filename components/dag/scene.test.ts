import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildScene, type SceneNode } from "./scene.ts";
import { acyclicGraphs, graphOf, latticeGraph } from "./testing/graphs.ts";

const overlap = (a: SceneNode, b: SceneNode) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

describe("buildScene", () => {
  it("overlaps no boxes, points every edge forward and repeats itself", () => {
    fc.assert(
      fc.property(
        acyclicGraphs(40),
        fc.constantFrom("right" as const, "down" as const),
        (graph, direction) => {
          const scene = buildScene(graph, { direction, expanded: [] });
          expect(scene.nodes).toHaveLength(graph.tasks.length);
          scene.nodes.forEach((a, i) => {
            for (const b of scene.nodes.slice(i + 1)) expect(overlap(a, b)).toBe(false);
            expect(a.x).toBeGreaterThanOrEqual(-0.001);
            expect(a.x + a.width).toBeLessThanOrEqual(scene.width + 0.001);
            expect(a.y + a.height).toBeLessThanOrEqual(scene.height + 0.001);
          });
          const main = direction === "right" ? 0 : 1;
          for (const { points } of scene.edges) {
            points.slice(1).forEach((point, i) => {
              expect(point[main]).toBeGreaterThanOrEqual(points[i]?.[main] ?? Infinity);
            });
          }
          expect(buildScene(graph, { direction, expanded: [] })).toEqual(scene);
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each(["right", "down"] as const)("draws a chain beside a branch straight: %s", (direction) => {
    const scene = buildScene(
      graphOf({ a: [], b: ["a"], c: ["b"], d: ["c"], side: ["a"], e: ["d"] }),
      { direction, expanded: [] },
    );
    const across = (id: string) => {
      const node = scene.nodes.find((one) => one.id === id);
      return direction === "right" ? node?.y : node?.x;
    };
    expect(["c", "d", "e"].map(across)).toEqual([across("b"), across("b"), across("b")]);
  });

  it("draws one edge for each dependency", () => {
    const scene = buildScene(graphOf({ a: [], b: ["a"], c: ["a", "b"] }), {
      direction: "right",
      expanded: [],
    });
    expect(scene.edges.map(({ source, target }) => `${source}>${target}`).sort()).toEqual([
      "a>b",
      "a>c",
      "b>c",
    ]);
  });

  it("expands a group in place without overlapping its neighbours", () => {
    const graph = latticeGraph(10, 100, 3);
    const closed = buildScene(graph, { direction: "right", expanded: [] });
    const group = closed.groups[4];
    expect(group).toBeDefined();
    const open = buildScene(graph, { direction: "right", expanded: [group?.id ?? ""] });
    const frame = open.nodes.find((node) => node.id === group?.id);
    expect(frame?.kind).toBe("frame");
    const tasks = open.nodes.filter((node) => node.kind === "task" && node.group === group?.id);
    expect(tasks.map((node) => node.id)).toEqual(group?.members);
    for (const task of tasks) {
      expect(task.x).toBeGreaterThanOrEqual(frame?.x ?? Infinity);
      expect(task.y + task.height).toBeLessThanOrEqual((frame?.y ?? 0) + (frame?.height ?? 0));
    }
    const outer = open.nodes.filter((node) => !tasks.includes(node));
    outer.forEach((a, i) => {
      for (const b of outer.slice(i + 1)) expect(overlap(a, b)).toBe(false);
    });
  });
});
