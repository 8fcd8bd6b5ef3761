import type { Edge, Node } from "@xyflow/react";

export type TaskFlowNode = Node<{ name: string; type: string }, "task">;
export type GroupFlowNode = Node<{ label: string | null; members: string[] }, "tasks">;
export type FrameFlowNode = Node<{ label: string | null; members: string[] }, "frame">;
export type DagFlowNode = TaskFlowNode | GroupFlowNode | FrameFlowNode;
/** `path` is SVG path data; `direct` marks an edge of the selected task that groups would hide. */
export type DagFlowEdge = Edge<{ path: string; direct: boolean }, "needs">;
