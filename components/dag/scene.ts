import type { GraphView } from "#server/core/flow/view.ts";
import { type GraphIndex, indexGraph } from "./graph-index.ts";
import { groupTasks, type TaskGroup } from "./grouping.ts";
import { layoutLayered } from "./layered-layout.ts";
import { edgeId } from "./view-flags.ts";

/** Sizes in CSS pixels at zoom 1. */
export const TASK_WIDTH = 216;
export const TASK_HEIGHT = 52;
export const GROUP_HEIGHT = 64;
const FRAME_HEADER = 36;
const FRAME_PADDING = 12;
const GAPS = { layer: 56, node: 16 };
const FRAME_GAPS = { layer: 40, node: 10 };

/** `right`: layers from left to right. `down`: from top to bottom, for narrow screens. */
export type Direction = "right" | "down";

interface Box {
  id: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** What is drawn as one box. An expanded group is a frame around its tasks. */
export type SceneNode =
  | (Box & { kind: "task"; group: string | null })
  | (Box & { kind: "group" | "frame"; label: string | null; members: string[] });

export interface SceneEdge {
  id: string;
  source: string;
  target: string;
  /** Way in the scene's coordinates; the first point is at the source, the last at the target. */
  points: [number, number][];
}

/** A drawing of a graph, without colours and states. */
export interface Scene {
  direction: Direction;
  nodes: SceneNode[];
  edges: SceneEdge[];
  width: number;
  height: number;
  groups: TaskGroup[];
}

export interface SceneRequest {
  direction: Direction;
  /** Ids of groups that show their tasks. */
  expanded: readonly string[];
}

/** Lays out a graph: groups it when it is large, expands what is asked for, places all boxes. */
export function buildScene(graph: GraphView, request: SceneRequest): Scene {
  const index = indexGraph(graph);
  return buildIndexedScene(index, groupTasks(index), request);
}

/** As `buildScene`, for callers that keep the index and groups of a graph. */
export function buildIndexedScene(
  index: GraphIndex,
  groups: TaskGroup[],
  { direction, expanded }: SceneRequest,
): Scene {
  const open = new Set(expanded);
  const right = direction === "right";
  const units: { id: string; group: TaskGroup | null; inner: Inner | null }[] = [];
  const unitOf = new Array<number>(index.ids.length).fill(-1);
  for (const group of groups) {
    for (const member of group.members) {
      const task = index.indexOf.get(member);
      if (task !== undefined) unitOf[task] = units.length;
    }
    const inner = open.has(group.id) ? layoutInner(index, group, right) : null;
    units.push({ id: group.id, group, inner });
  }
  // Ties in the layout follow this order: the graph's own.
  for (const task of index.order) {
    if (unitOf[task] !== -1) continue;
    unitOf[task] = units.length;
    units.push({ id: index.ids[task] ?? "", group: null, inner: null });
  }

  const links = new Map<number, [number, number]>();
  index.children.forEach((children, task) => {
    const from = unitOf[task] ?? 0;
    for (const child of children) {
      const to = unitOf[child] ?? 0;
      if (from !== to) links.set(from * units.length + to, [from, to]);
    }
  });
  const edges = [...links.values()];
  const boxes = units.map(({ group, inner }) => {
    const width = inner ? inner.width : TASK_WIDTH;
    const height = inner ? inner.height : group ? GROUP_HEIGHT : TASK_HEIGHT;
    return { width, height };
  });
  const layout = layoutLayered(
    boxes.map(({ width, height }) =>
      right ? { main: width, cross: height } : { main: height, cross: width },
    ),
    edges,
    GAPS,
  );

  const scene: Scene = {
    direction,
    nodes: [],
    edges: [],
    width: right ? layout.mainSize : layout.crossSize,
    height: right ? layout.crossSize : layout.mainSize,
    groups,
  };
  units.forEach(({ id, group, inner }, unit) => {
    const main = layout.main[unit] ?? 0;
    const cross = layout.cross[unit] ?? 0;
    const size = boxes[unit] ?? { width: TASK_WIDTH, height: TASK_HEIGHT };
    const box = { id, x: right ? main : cross, y: right ? cross : main, ...size };
    if (!group) {
      scene.nodes.push({ ...box, kind: "task", group: null });
      return;
    }
    const { label, members } = group;
    scene.nodes.push({ ...box, kind: inner ? "frame" : "group", label, members });
    if (inner) placeInner(scene, group, inner, box.x, box.y);
  });
  edges.forEach(([from, to], edge) => {
    const source = units[from]?.id ?? "";
    const target = units[to]?.id ?? "";
    const points = (layout.routes[edge] ?? []).map(([main, cross]): [number, number] =>
      right ? [main, cross] : [cross, main],
    );
    scene.edges.push({ id: edgeId(source, target), source, target, points });
  });
  return scene;
}

/** The tasks of an expanded group, relative to the frame's corner. */
interface Inner {
  width: number;
  height: number;
  boxes: { id: string; x: number; y: number }[];
  edges: SceneEdge[];
}

function placeInner(scene: Scene, group: TaskGroup, inner: Inner, x: number, y: number): void {
  const size = { width: TASK_WIDTH, height: TASK_HEIGHT };
  for (const box of inner.boxes) {
    scene.nodes.push({
      id: box.id,
      x: x + box.x,
      y: y + box.y,
      ...size,
      kind: "task",
      group: group.id,
    });
  }
  for (const edge of inner.edges) {
    const points = edge.points.map(([px, py]): [number, number] => [x + px, y + py]);
    scene.edges.push({ ...edge, points });
  }
}

/** Tasks that do not depend on each other fill a grid; others are layered inside their frame. */
function layoutInner(index: GraphIndex, group: TaskGroup, right: boolean): Inner {
  const local = new Map<number, number>();
  group.members.forEach((member, i) => {
    const task = index.indexOf.get(member);
    if (task !== undefined) local.set(task, i);
  });
  const edges: [number, number][] = [];
  for (const [task, from] of local) {
    for (const child of index.children[task] ?? []) {
      const to = local.get(child);
      if (to !== undefined) edges.push([from, to]);
    }
  }
  const boxes: Inner["boxes"] = [];
  const innerEdges: SceneEdge[] = [];
  let width = 0;
  let height = 0;
  if (edges.length === 0) {
    const cellWidth = TASK_WIDTH + FRAME_GAPS.node;
    const cellHeight = TASK_HEIGHT + FRAME_GAPS.node;
    // A grid of about 4:3, upright on narrow screens.
    const aspect = right ? 4 / 3 : 1 / 2;
    const count = group.members.length;
    const columns = Math.max(1, Math.round(Math.sqrt((count * cellHeight * aspect) / cellWidth)));
    group.members.forEach((id, i) => {
      boxes.push({
        id,
        x: FRAME_PADDING + (i % columns) * cellWidth,
        y: FRAME_HEADER + Math.floor(i / columns) * cellHeight,
      });
    });
    width = Math.min(columns, count) * cellWidth - FRAME_GAPS.node;
    height = Math.ceil(count / columns) * cellHeight - FRAME_GAPS.node;
  } else {
    const size = right
      ? { main: TASK_WIDTH, cross: TASK_HEIGHT }
      : { main: TASK_HEIGHT, cross: TASK_WIDTH };
    const layout = layoutLayered(
      group.members.map(() => size),
      edges,
      FRAME_GAPS,
    );
    const point = (main: number, cross: number): [number, number] =>
      right
        ? [FRAME_PADDING + main, FRAME_HEADER + cross]
        : [FRAME_PADDING + cross, FRAME_HEADER + main];
    group.members.forEach((id, i) => {
      const [x, y] = point(layout.main[i] ?? 0, layout.cross[i] ?? 0);
      boxes.push({ id, x, y });
    });
    edges.forEach(([from, to], edge) => {
      const source = group.members[from] ?? "";
      const target = group.members[to] ?? "";
      const points = (layout.routes[edge] ?? []).map(([main, cross]) => point(main, cross));
      innerEdges.push({ id: edgeId(source, target), source, target, points });
    });
    width = right ? layout.mainSize : layout.crossSize;
    height = right ? layout.crossSize : layout.mainSize;
  }
  return {
    width: width + 2 * FRAME_PADDING,
    height: height + FRAME_HEADER + FRAME_PADDING,
    boxes,
    edges: innerEdges,
  };
}
