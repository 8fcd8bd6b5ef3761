import { Position } from "@xyflow/react";
import { edgePath } from "./edge-path.ts";
import type { DagFlowEdge, DagFlowNode } from "./flow-types.ts";
import type { Scene } from "./scene.ts";
import { edgeId } from "./view-flags.ts";

/** Names and types of the tasks of a graph, by id. */
export type TaskFacts = ReadonlyMap<string, { name: string; type: string }>;

/** The boxes of a scene as React Flow takes them, with sizes given so that nothing is measured. */
export function flowNodes(scene: Scene, facts: TaskFacts): DagFlowNode[] {
  const right = scene.direction === "right";
  const ports = {
    targetPosition: right ? Position.Left : Position.Top,
    sourcePosition: right ? Position.Right : Position.Bottom,
  };
  return scene.nodes.map((node) => {
    const { id, x, y, width, height } = node;
    const common = {
      id,
      position: { x, y },
      width,
      height,
      measured: { width, height },
      ...ports,
      zIndex: node.kind === "frame" ? -1 : 1,
    };
    if (node.kind === "task") {
      const fact = facts.get(id);
      return {
        ...common,
        type: "task",
        data: { name: fact?.name ?? id, type: fact?.type ?? "" },
      };
    }
    // "group" is a type of the library itself, with a look of its own.
    const type = node.kind === "group" ? ("tasks" as const) : node.kind;
    return { ...common, type, data: { label: node.label, members: node.members } };
  });
}

const edgeCommon = {
  type: "needs" as const,
  focusable: false,
  selectable: false,
  interactionWidth: 0,
  domAttributes: { "aria-hidden": true },
};

/**
 * The edges of a scene, and those of the selected task that the scene does not draw itself.
 * @param direct see `directEdges`
 */
export function flowEdges(
  scene: Scene,
  direct: readonly { source: string; target: string }[],
): DagFlowEdge[] {
  const right = scene.direction === "right";
  const edges: DagFlowEdge[] = scene.edges.map(({ id, source, target, points }) => ({
    ...edgeCommon,
    id,
    source,
    target,
    data: { path: edgePath(points, right), direct: false },
  }));
  if (direct.length === 0) return edges;
  const boxes = new Map(scene.nodes.map((node) => [node.id, node]));
  for (const { source, target } of direct) {
    const from = boxes.get(source);
    const to = boxes.get(target);
    if (!from || !to) continue;
    const points: [number, number][] = right
      ? [
          [from.x + from.width, from.y + from.height / 2],
          [to.x, to.y + to.height / 2],
        ]
      : [
          [from.x + from.width / 2, from.y + from.height],
          [to.x + to.width / 2, to.y],
        ];
    edges.push({
      ...edgeCommon,
      id: `direct ${edgeId(source, target)}`,
      source,
      target,
      data: { path: edgePath(points, right), direct: true },
      zIndex: 2,
    });
  }
  return edges;
}
