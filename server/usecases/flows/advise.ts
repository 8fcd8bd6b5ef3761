import { type Actor, authorise } from "#server/auth/actor.ts";
import type { RetryAdvice } from "#server/core/run/advice-view.ts";
import { adviseRetries, MIN_FAILURES, type TaskHistory } from "#server/core/run/advise-retries.ts";
import { findRevision } from "#server/db/flow/revisions.ts";
import {
  countFirstTime,
  type HistoryBounds,
  readFailedTaskRuns,
  readSoonReruns,
  readSpan,
} from "#server/db/run/retry-history.ts";
import { iso } from "#server/db/sql.ts";
import type { Deps } from "#server/usecases/deps.ts";
import { requireRevision } from "./require.ts";

/** Task runs that one look reads at most: flows with more tasks are judged by fewer runs. */
const TASK_RUNS = 200_000;
const RUNS = { least: 50, most: 2_000 };
const ATTEMPTED_TASK_RUNS = 5_000;
const DAYS = 90;

/**
 * Whether the tasks of a flow are tried again too often, too seldom, or as they should be, from its
 * newest runs of the last 90 days (at most 2,000, fewer for flows of more than 100 tasks).
 * @throws AppError NOT_FOUND
 */
export async function getRetryAdvice(
  deps: Deps,
  actor: Actor,
  input: { id: string },
): Promise<RetryAdvice> {
  authorise(actor, "run:read");
  const revision = requireRevision(
    await findRevision(deps.pool, input.id, null),
    input.id,
    undefined,
  );
  const ids = Object.keys(revision.spec.tasks);
  const bounds: HistoryBounds = {
    runs: Math.min(RUNS.most, Math.max(RUNS.least, Math.floor(TASK_RUNS / ids.length))),
    attempts: ATTEMPTED_TASK_RUNS,
    days: DAYS,
  };
  const [span, failed, reruns] = await Promise.all([
    readSpan(deps.pool, input.id, bounds),
    readFailedTaskRuns(deps.pool, input.id, bounds),
    readSoonReruns(deps.pool, input.id, bounds),
  ]);
  const histories = new Map<string, TaskHistory[]>();
  for (const { task, ...history } of failed) {
    const known = histories.get(task);
    if (known === undefined) histories.set(task, [history]);
    else known.push(history);
  }
  const troubled = ids.filter((task) => histories.has(task));
  const firstTime = await countFirstTime(deps.pool, input.id, troubled, bounds);
  const tasks = troubled.map((task) =>
    adviseRetries({
      task,
      allowed: revision.spec.tasks[task]?.retry.attempts ?? 1,
      firstTime: firstTime.get(task) ?? 0,
      histories: histories.get(task) ?? [],
      reruns: reruns.get(task) ?? { tries: 0, successes: 0 },
    }),
  );
  return {
    flow: input.id,
    revision: revision.number,
    runs: span.runs,
    since: iso(span.since),
    minFailures: MIN_FAILURES,
    tasks: tasks.sort((a, b) => b.failures - a.failures || (a.task < b.task ? -1 : 1)),
    quiet: ids.length - troubled.length,
  };
}
