/** Flows that run flows: what the tasks of type `flow` name. */

import type { Problem } from "../errors.ts";
import { cyclePath } from "./graph/graph.ts";
import type { CompiledFlow, FlowSpec, TaskSpec } from "./spec.ts";

/** The word in `type:` of a task that runs another flow. */
export const FLOW_TYPE = "flow";

/** The flow that a task runs; null for a task of another type. It is never a template. */
export function calledFlow({
  type,
  with: settings,
}: Pick<TaskSpec, "type" | "with">): string | null {
  return type === FLOW_TYPE && typeof settings.flow === "string" ? settings.flow : null;
}

/** Ids of the flows that a flow's own tasks run, each once, sorted. */
export function calledFlows({ tasks }: Pick<FlowSpec, "tasks">): string[] {
  const called = Object.values(tasks).flatMap((task) => calledFlow(task) ?? []);
  return [...new Set(called)].sort();
}

/**
 * Finds a way along calls from a flow back to itself, the shortest one.
 * @param calls the flows that each flow runs
 * @returns the flows of the cycle, each run by the one before it, the first by the last; null when
 *   there is none
 */
export function findCallCycle(
  flow: string,
  calls: ReadonlyMap<string, readonly string[]>,
): string[] | null {
  const from = new Map<string, string | null>([[flow, null]]);
  for (const caller of from.keys()) {
    for (const called of calls.get(caller) ?? []) {
      if (called === flow) return pathTo(caller, from);
      if (!from.has(called)) from.set(called, caller);
    }
  }
  return null;
}

function pathTo(flow: string, from: ReadonlyMap<string, string | null>): string[] {
  const path: string[] = [];
  for (let at: string | null = flow; at !== null; at = from.get(at) ?? null) path.unshift(at);
  return path;
}

/**
 * The problem of a flow that would run itself, at the task by which it does.
 * @param calls the flows that other flows run; those of the flow itself are taken from it
 * @returns null when it would not
 */
export function callCycleProblem(
  { spec, calls: own }: Pick<CompiledFlow, "spec" | "calls">,
  calls: ReadonlyMap<string, readonly string[]>,
): Problem | null {
  const cycle = findCallCycle(spec.id, new Map([...calls, [spec.id, calledFlows(spec)]]));
  if (cycle === null) return null;
  const next = cycle[1] ?? spec.id;
  const position = own.find(({ flow }) => flow === next)?.position;
  if (position === undefined) throw new Error(`the flow ${spec.id} has no place that runs ${next}`);
  return { code: "CYCLE", message: callCycleMessage(cycle), fix: CALL_CYCLE_FIX, position };
}

export const CALL_CYCLE_FIX = "Remove one of these tasks, or let another flow run them.";

/** What to tell of a cycle: `a → b → a`, an arrow from each flow to the one that it runs. */
export function callCycleMessage(cycle: readonly string[]): string {
  return cycle.length === 1
    ? `The flow "${cycle[0]}" runs itself.`
    : `Flows run each other: ${cyclePath(cycle)}.`;
}
