/** Evaluates the author's condition of one task against the run it belongs to. */
import { AppError } from "../../core/errors.ts";
import {
  type Condition,
  evaluateCondition,
  parseCondition,
} from "../../core/flow/template/condition.ts";
import type { TaskState } from "../../core/run/states.ts";
import type { RunFacts } from "../../db/queue/queue-run.ts";
import { readOutputs } from "../../db/run/run-detail.ts";
import type { RevisionModel } from "../../db/run/settle-model.ts";
import type { Queryable } from "../../db/sql.ts";
import type { ReadOutputs } from "./output-cache.ts";
import { scopeFor } from "./scope.ts";

const parsed = new Map<string, Condition>();
const MAX_PARSED = 1_000;

/**
 * @param needs states of the task's needs, all ended
 * @returns whether the condition holds, or null when the task has none
 * @throws AppError when the condition cannot be evaluated for this run
 */
export async function conditionHolds(
  sql: Queryable,
  run: RunFacts,
  model: RevisionModel,
  ordinal: number,
  needs: readonly TaskState[],
): Promise<boolean | null> {
  const text = model.spec.tasks[model.taskIds[ordinal] ?? ""]?.if;
  if (text === undefined) return null;
  const read: ReadOutputs = (runId, ordinals) => readOutputs(sql, runId, ordinals);
  const scope = await scopeFor(read, run, model, ordinal, [text]);
  return evaluateCondition(parse(text), { needs, scope });
}

function parse(text: string): Condition {
  let condition = parsed.get(text);
  if (condition === undefined) {
    try {
      condition = parseCondition(text);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new AppError("INVALID_CONDITION", why, { cause });
    }
    if (parsed.size >= MAX_PARSED) parsed.clear();
    parsed.set(text, condition);
  }
  return condition;
}
