import { Handle, type NodeProps, Position } from "@xyflow/react";

/** Where edges end. React Flow draws an edge only between handles, although ours know their way. */
export function Ports({
  sourcePosition = Position.Right,
  targetPosition = Position.Left,
}: Pick<NodeProps, "sourcePosition" | "targetPosition">) {
  return (
    <>
      <Handle type="target" position={targetPosition} isConnectable={false} aria-hidden />
      <Handle type="source" position={sourcePosition} isConnectable={false} aria-hidden />
    </>
  );
}
