import type { Position } from "../errors.ts";
import type { FlowCall } from "./spec.ts";

/**
 * What is amiss with a flow that a task runs. No error: the flow may come later, and until it does
 * runs are refused.
 */
export interface CallWarning {
  code: "UNKNOWN_FLOW" | "ARCHIVED_FLOW";
  /** Task and flow that are meant. */
  task: string;
  flow: string;
  message: string;
  fix: string;
  position: Position;
}

/** A flow that a task of a stored revision runs and that no run could run now. */
export interface UnmetCall {
  task: string;
  flow: string;
  /** False when there is no such flow. */
  archived: boolean;
}

/** Flows that are there, by id. */
export type KnownFlows = ReadonlyMap<string, { archived: boolean }>;

/** @returns a warning for each task that runs a flow which is not there or archived, in order */
export function warnOfCalls(calls: readonly FlowCall[], known: KnownFlows): CallWarning[] {
  return calls.flatMap(({ task, flow, position }): CallWarning[] => {
    const found = known.get(flow);
    const common = { task, flow, position };
    if (found === undefined) {
      const message = `The task "${task}" runs the flow "${flow}", which does not exist.`;
      const fix = `Push a flow "${flow}" before the first run, or correct the id.`;
      return [{ code: "UNKNOWN_FLOW", ...common, message, fix }];
    }
    if (!found.archived) return [];
    const message = `The task "${task}" runs the flow "${flow}", which is archived.`;
    const fix = "Bring its definition back before the first run, or name another flow.";
    return [{ code: "ARCHIVED_FLOW", ...common, message, fix }];
  });
}

/** `file:line:column: warning: code: message`, as compilers tell it. */
export function formatWarning({ code, message, fix, position }: CallWarning): string {
  const { file, line, column } = position;
  return `${file}:${line}:${column}: warning: ${code}: ${message} ${fix}`;
}
