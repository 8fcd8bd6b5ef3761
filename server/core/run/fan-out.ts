/** Tasks that are executed over a list: which task runs there are, and what becomes of the task. */
import { AppError } from "../errors.ts";
import { type ForEach, type Json, MAX_TASK_RUNS } from "../flow/spec.ts";
import {
  type EachScope,
  evaluateExpression,
  type TemplateScope,
} from "../flow/template/template.ts";
import type { TaskState } from "./states.ts";

/**
 * The list that a task is executed over.
 * @throws AppError INVALID_INPUT when the expression gives no list, or what rendering throws
 */
export function listOf({ over }: ForEach, scope: TemplateScope): readonly Json[] {
  const list: unknown = typeof over === "string" ? evaluateExpression(over, scope) : over;
  if (Array.isArray(list)) return list as Json[];
  throw new AppError(
    "INVALID_INPUT",
    `${String(over).slice(0, 200)} is ${kindOf(list)}, not a list.`,
    { fix: "Let the task upstream return a list." },
  );
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  return typeof value === "object" ? "a map" : `a ${typeof value}`;
}

/**
 * How many task runs a list of `length` items is spread over.
 * @throws AppError INVALID_INPUT when there would be more than MAX_TASK_RUNS
 */
export function countTaskRuns(length: number, batch = 1): number {
  const count = Math.ceil(length / batch);
  if (count <= MAX_TASK_RUNS) return count;
  throw new AppError(
    "INVALID_INPUT",
    `${length} items make ${count} task runs, more than ${MAX_TASK_RUNS}.`,
    { fix: `Set batch to ${Math.ceil(length / MAX_TASK_RUNS)} or more.` },
  );
}

/** What the task run number `index` (from 0) works on. */
export function eachOf(list: readonly Json[], index: number, batch: number | undefined): EachScope {
  if (batch !== undefined) {
    return { index, items: list.slice(index * batch, (index + 1) * batch) };
  }
  return { index, item: list[index] ?? null };
}

/**
 * The state of a task all of whose task runs have ended: it succeeds when each of them did or was
 * reused, and else failed unless nothing but cancelling kept it from success.
 */
export function gatheredState(items: Iterable<TaskState>): "succeeded" | "failed" | "cancelled" {
  let cancelled = false;
  for (const state of items) {
    if (state === "failed") return "failed";
    if (state === "cancelled") cancelled = true;
  }
  return cancelled ? "cancelled" : "succeeded";
}
