import { AppError } from "#server/core/errors.ts";
import { calledFlows } from "#server/core/flow/calls.ts";
import {
  type CalledIntervalUse,
  findCalledIntervalUse,
  findIntervalUse,
} from "#server/core/flow/interval-use.ts";
import type { FlowSpec } from "#server/core/flow/spec.ts";
import { checkInterval } from "#server/core/run/check-order.ts";
import type { IntervalView } from "#server/core/run/view.ts";
import { readPinned, readReached } from "#server/db/run/calls.ts";
import type { Queryable } from "#server/db/sql.ts";
import { taskTypes } from "#server/plugins/task-types.ts";

/** A stored revision whose runs are to have an interval or none. */
export interface CheckedRevision {
  id: string;
  flowId: string;
  spec: FlowSpec;
}

/** Whether runs need an interval: for their own tasks, or for a flow that they run and hand theirs to. */
export async function needsInterval(sql: Queryable, revision: CheckedRevision): Promise<boolean> {
  if (findIntervalUse(revision.spec, taskTypes) !== null) return true;
  return (await findInCalled(sql, revision)) !== null;
}

/**
 * Refuses what could only fail later: a run without an interval of a flow that reads it, or that runs
 * one which does.
 * @throws AppError INTERVAL_REQUIRED
 */
export async function requireInterval(
  sql: Queryable,
  revision: CheckedRevision,
  interval: IntervalView | null,
): Promise<void> {
  if (interval !== null) return;
  checkInterval(revision, interval, taskTypes);
  const use = await findInCalled(sql, revision);
  if (use === null) return;
  const { flowId } = revision;
  throw new AppError(
    "INTERVAL_REQUIRED",
    `A run of "${flowId}" needs an interval: it runs "${use.flow}", whose task "${use.task}" reads ${use.variable}.`,
    {
      fix: "Give the run an interval, or give one to the task that runs the other flow.",
      data: { flow: flowId, called: use.flow, task: use.task, variable: use.variable },
    },
  );
}

/** Most flows run no others, and cost no query. */
async function findInCalled(
  sql: Queryable,
  { id, spec }: CheckedRevision,
): Promise<CalledIntervalUse | null> {
  if (calledFlows(spec).length === 0) return null;
  const pins = (await readReached(sql, [id])).flatMap(({ flow, hash }) =>
    hash === null ? [] : [[flow, hash] as const],
  );
  const rows = await readPinned(sql, Object.fromEntries(pins));
  return findCalledIntervalUse(spec, new Map(rows.map((row) => [row.flow, row.spec])), taskTypes);
}
