"use client";
import { createContext, useCallback, useContext, useSyncExternalStore } from "react";
import type { TaskStateCounts } from "#server/core/run/states.ts";
import type { TaskRunView } from "#server/core/run/view.ts";
import type { TaskStore } from "./task-store.ts";
import { boxFlags, edgeFlags, type HighlightStore } from "./view-flags.ts";

/** What boxes and edges of one canvas share. The value never changes while the canvas is mounted. */
export interface DagShared {
  tasks: TaskStore;
  highlight: HighlightStore;
  select: (task: string) => void;
  toggleGroup: (group: string) => void;
}

const DagContext = createContext<DagShared | null>(null);
export const DagProvider = DagContext.Provider;

export function useDag(): DagShared {
  const dag = useContext(DagContext);
  if (dag === null) throw new Error("Boxes and edges need a DagCanvas around them.");
  return dag;
}

/** The task run of a task; draws anew only when that one changes. */
export function useTaskRun(id: string): TaskRunView | null {
  const { tasks } = useDag();
  const subscribe = useCallback(
    (listener: () => void) => tasks.subscribe(id, listener),
    [tasks, id],
  );
  return useSyncExternalStore(
    subscribe,
    () => tasks.get(id),
    () => tasks.get(id),
  );
}

/** How many tasks of a group are in each state. */
export function useRollUp(members: readonly string[]): TaskStateCounts {
  const { tasks } = useDag();
  const subscribe = useCallback((listener: () => void) => tasks.subscribeAny(listener), [tasks]);
  const read = () => tasks.rollUp(members);
  return useSyncExternalStore(subscribe, read, read);
}

/** The bits of view-flags.ts for a box. */
export function useBoxFlags(id: string): number {
  const { highlight } = useDag();
  const read = () => boxFlags(id, highlight.get());
  return useSyncExternalStore(highlight.subscribe, read, read);
}

/** The bits of view-flags.ts for an edge. */
export function useEdgeFlags(source: string, target: string): number {
  const { highlight } = useDag();
  const read = () => edgeFlags(source, target, highlight.get());
  return useSyncExternalStore(highlight.subscribe, read, read);
}
