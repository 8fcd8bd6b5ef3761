import type { Pool } from "pg";
import { type Actor, authorise } from "#server/auth/actor.ts";
import type { OverviewView } from "#server/core/overview.ts";
import type { RunState } from "#server/core/run/states.ts";
import { readQueue } from "#server/db/run/overview.ts";
import { countActiveRuns, listRecentFailures, listRuns } from "#server/db/run/run-views.ts";
import { countTroubledSchedules, listNextTicks } from "#server/db/schedule/schedule-views.ts";
import type { Deps } from "./deps.ts";
import { countBrokenSources } from "./flows/read.ts";
import { listRunners } from "./runners/read.ts";

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
      listRecentFailures(deps.pool, 20),
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
    failures: failures.runs,
    failureCount: failures.count,
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
