import type { Pool } from "pg";
import { type Actor, authorise } from "#server/auth/actor.ts";
import type { FailureView, OverviewView } from "#server/core/overview.ts";
import type { RunState } from "#server/core/run/states.ts";
import { findFollowers, readQueue } from "#server/db/run/overview.ts";
import { countActiveRuns, listRecentFailures, listRuns } from "#server/db/run/run-views.ts";
import { countTroubledSchedules, listNextTicks } from "#server/db/schedule/schedule-views.ts";
import type { Deps } from "./deps.ts";
import { countBrokenSources } from "./flows/read.ts";
import { listRunners } from "./runners/read.ts";

/** Failures that are shown. */
const failureCount = 20;
/** Ticks to come that are shown. */
const nextTickCount = 5;
/** Live runs that are shown. */
const activeCount = 20;
/** Up to here they are counted. */
const activeLimit = 1_000;

/** What someone sees first in the morning: failures, what runs now, whether anything can run. */
export async function getOverview(deps: Deps, actor: Actor): Promise<OverviewView> {
  authorise(actor, "run:read");
  const [failures, active, queue, runners, flowCount, brokenSources, schedules] = await Promise.all(
    [
      readFailures(deps.pool),
      readActive(deps.pool),
      readQueue(deps.pool),
      listRunners(deps, actor),
      deps.prisma.flow.count({ where: { archivedAt: null, latestRevisionId: { not: null } } }),
      countBrokenSources(deps),
      Promise.all([listNextTicks(deps.pool, nextTickCount), countTroubledSchedules(deps.pool)]),
    ],
  );
  const [nextTicks, troubledSchedules] = schedules;
  const { now, runCount24h, ...counts } = queue;
  return {
    ...failures,
    ...active,
    queue: counts,
    runners,
    flowCount,
    runCount24h,
    brokenSources,
    nextTicks,
    troubledSchedules,
    now,
  };
}

async function readFailures(
  pool: Pool,
): Promise<{ failures: FailureView[]; failureCount: number }> {
  const { runs, count } = await listRecentFailures(pool, failureCount);
  const ids = runs.map(({ id }) => id);
  const followers = await findFollowers(pool, ids);
  const failures = runs.map((run) => ({ ...run, followedBy: followers.get(run.id) ?? null }));
  return { failures, failureCount: count };
}

/** Runs that run come first: with many queued ones they would be pushed off the list. */
async function readActive(pool: Pool): Promise<Pick<OverviewView, "active" | "activeCounts">> {
  const newest = (state: RunState) => listRuns(pool, { state: [state] }, null, activeCount);
  const [running, queued, activeCounts] = await Promise.all([
    newest("running"),
    newest("queued"),
    countActiveRuns(pool, activeLimit),
  ]);
  return { active: [...running, ...queued].slice(0, activeCount), activeCounts };
}
