import { type GraphIndex, lineage } from "./graph-index.ts";
import type { Scene } from "./scene.ts";
import { edgeId, type Highlight } from "./view-flags.ts";

/**
 * What stands out in a scene. Boxes of groups stand for their tasks: a collapsed group is kept,
 * selected or critical when one of its tasks is.
 * @param view `lineage`: dim what the selected task has nothing to do with; `path`: the critical path,
 * or null when it is not shown
 */
export function highlightOf(
  index: GraphIndex,
  scene: Scene,
  view: {
    selected: string | null;
    lineage: boolean;
    path: readonly string[] | null;
    cursor: string | null;
  },
): Highlight {
  const boxes = boxesOfTasks(scene);
  const boxOf = (task: string) => boxes.get(task) ?? [task];
  const collect = (tasks: Iterable<string>) => {
    const found = new Set<string>();
    for (const task of tasks) for (const box of boxOf(task)) found.add(box);
    return found;
  };
  const { selected, path, cursor } = view;
  const bright = selected === null || !view.lineage ? null : lineage(index, selected);
  const critical = path === null ? new Set<string>() : collect(path);
  const criticalEdges = new Set<string>();
  path?.slice(1).forEach((task, i) => {
    for (const source of boxOf(path[i] ?? "")) {
      for (const target of boxOf(task)) criticalEdges.add(edgeId(source, target));
    }
  });
  let selectedBox = selected;
  if (selected !== null) selectedBox = boxOf(selected)[0] ?? selected;
  const kept = bright === null ? null : collect(bright);
  return { selected: selectedBox, kept, critical, criticalEdges, cursor };
}

/** For each task its box, then the frame around it; a task in a collapsed group has the group's box. */
function boxesOfTasks(scene: Scene): Map<string, string[]> {
  const boxes = new Map<string, string[]>();
  for (const node of scene.nodes) {
    if (node.kind === "group") for (const member of node.members) boxes.set(member, [node.id]);
    if (node.kind === "task") boxes.set(node.id, node.group ? [node.id, node.group] : [node.id]);
  }
  return boxes;
}

/**
 * The edges of a selected task to tasks that the scene joins by coarser edges only (its group's), so
 * that its own needs can be seen.
 */
export function directEdges(
  index: GraphIndex,
  scene: Scene,
  selected: string,
): { source: string; target: string }[] {
  const task = index.indexOf.get(selected);
  const shown = new Set(scene.nodes.filter((node) => node.kind === "task").map((node) => node.id));
  if (task === undefined || !shown.has(selected)) return [];
  const drawn = new Set(scene.edges.map((edge) => edge.id));
  const pairs = [
    ...(index.parents[task] ?? []).map((p) => ({ source: index.ids[p] ?? "", target: selected })),
    ...(index.children[task] ?? []).map((c) => ({ source: selected, target: index.ids[c] ?? "" })),
  ];
  return pairs.filter(
    ({ source, target }) =>
      shown.has(source) && shown.has(target) && !drawn.has(edgeId(source, target)),
  );
}
