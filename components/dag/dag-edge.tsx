"use client";
import type { EdgeProps } from "@xyflow/react";
import { memo } from "react";
import { cn } from "#components/ui/cn.ts";
import { useEdgeFlags, useTaskRun } from "./dag-context.tsx";
import type { DagFlowEdge } from "./flow-types.ts";
import { CRITICAL, DIMMED, SELECTED } from "./view-flags.ts";

/** A dependency. It moves only while its target runs. */
export const DagEdge = memo(function DagEdge({ source, target, data }: EdgeProps<DagFlowEdge>) {
  const flags = useEdgeFlags(source, target);
  const running = useTaskRun(target)?.state === "running";
  return (
    <path
      d={data?.path}
      data-dag-edge={`${source} → ${target}`}
      className={cn(
        "dag-edge",
        running && "dag-edge-running",
        data?.direct && "dag-edge-direct",
        (flags & SELECTED) !== 0 && "dag-edge-selected",
        (flags & CRITICAL) !== 0 && "dag-edge-critical",
        (flags & DIMMED) !== 0 && "dag-edge-dimmed",
      )}
    />
  );
});
