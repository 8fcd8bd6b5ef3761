import { describe, expect, it } from "vitest";
import { buildScene, type Scene } from "./scene.ts";
import { graphOf, latticeGraph } from "./testing/graphs.ts";
import {
  boxAt,
  DOM_BOXES,
  fitViewport,
  isInView,
  isOverview,
  neighbour,
  openingViewport,
  reveal,
} from "./viewport.ts";

const size = { width: 1000, height: 600 };
const diamond = buildScene(graphOf({ a: [], b: ["a"], c: ["a"], d: ["b", "c"] }), {
  direction: "right",
  expanded: [],
});
const box = (scene: Scene, id: string) => {
  const found = scene.nodes.find((node) => node.id === id);
  if (found === undefined) throw new Error(`no box ${id}`);
  return found;
};

describe("openingViewport", () => {
  it("shows a small graph whole and never larger than life", () => {
    const viewport = openingViewport(diamond, size, null);
    expect(viewport.zoom).toBe(1);
    for (const node of diamond.nodes) expect(isInView(node, viewport, size)).toBe(true);
  });

  it("shows a part of a large graph, readable, around what matters", () => {
    const scene = buildScene(latticeGraph(40, 1, 1), { direction: "right", expanded: [] });
    const focus = box(scene, "s20_0");
    const viewport = openingViewport(scene, size, focus);
    expect(viewport.zoom).toBeGreaterThan(0.5);
    expect(isInView(focus, viewport, size)).toBe(true);
    expect(isInView(box(scene, "s0_0"), viewport, size)).toBe(false);
  });
});

describe("isOverview", () => {
  it("begins where more boxes are in view than the DOM should hold", () => {
    const scene = buildScene(latticeGraph(10, 15, 2), { direction: "right", expanded: [] });
    expect(scene.nodes.length).toBeGreaterThan(DOM_BOXES);
    expect(isOverview(scene, fitViewport(scene, size), size)).toBe(true);
    expect(isOverview(scene, { x: 0, y: 0, zoom: 1 }, size)).toBe(false);
    expect(isOverview(diamond, fitViewport(diamond, size), size)).toBe(false);
  });
});

describe("neighbour", () => {
  it.each([
    { from: "a", key: "ArrowRight" as const, want: ["b", "c"] },
    { from: "b", key: "ArrowDown" as const, want: ["c"] },
    { from: "c", key: "ArrowUp" as const, want: ["b"] },
    { from: "d", key: "ArrowLeft" as const, want: ["b", "c"] },
    { from: "a", key: "ArrowLeft" as const, want: [undefined] },
    { from: "gone", key: "ArrowUp" as const, want: ["a"] },
  ])("leads from $from by $key to one of $want", ({ from, key, want }) => {
    expect(want).toContain(neighbour(diamond, from, key)?.id);
  });
});

describe("reveal", () => {
  it.each([
    { x: 100, width: 200, want: 100, why: "in view already" },
    { x: -50, width: 200, want: 28, why: "cut off on the left" },
    { x: 900, width: 200, want: 772, why: "cut off on the right" },
    { x: 300, width: 5_000, want: 28, why: "larger than the window: its beginning" },
  ])("$why", ({ x, width, want }) => {
    const viewport = reveal({ x, y: 100, width, height: 50 }, { x: 0, y: 0, zoom: 1 }, size);
    expect(x + viewport.x).toBe(want);
    expect(viewport.y).toBe(0);
  });
});

describe("boxAt", () => {
  it("finds a task before the frame that it lies on", () => {
    const graph = latticeGraph(4, 60, 2);
    const closed = buildScene(graph, { direction: "right", expanded: [] });
    const group = closed.groups[1]?.id ?? "";
    const scene = buildScene(graph, { direction: "right", expanded: [group] });
    const frame = box(scene, group);
    const task = scene.nodes.find((node) => node.kind === "task");
    expect(boxAt(scene, (task?.x ?? 0) + 5, (task?.y ?? 0) + 5)).toBe(task);
    expect(boxAt(scene, frame.x + 2, frame.y + 2)).toBe(frame);
    expect(boxAt(scene, -10_000, 0)).toBeNull();
  });
});
