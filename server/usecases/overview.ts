import { type Actor, authorise } from "#server/auth/actor.ts";
import type { OverviewView, RunnerView } from "#server/core/run/view.ts";
import { readQueue } from "#server/db/overview.ts";
import { listRecentFailures, listRuns } from "#server/db/run-views.ts";
import { countTroubledSchedules, listNextTicks } from "#server/db/schedule-views.ts";
import type { Deps } from "./deps.ts";
import { countBrokenSources } from "./flows/read.ts";

/** Runners that stopped or were lost stay in lists for this long. */
const rememberMs = 60 * 60 * 1000;
/** Ticks to come that are shown. */
const nextTickCount = 5;

/** What someone sees first in the morning: failures, what runs now, whether anything can run. */
export async function getOverview(deps: Deps, actor: Actor): Promise<OverviewView> {
  authorise(actor, "run:read");
  const [failures, active, queue, runners, flowCount, brokenSources, schedules] = await Promise.all(
    [
      listRecentFailures(deps.pool, 20),
      listRuns(deps.pool, { state: ["queued", "running"] }, null, 20),
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
    active,
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

/** Runners at work, and those that left within the last hour; the oldest first. */
export async function listRunners(deps: Deps, actor: Actor): Promise<RunnerView[]> {
  authorise(actor, "run:read");
  const now = Date.now();
  const rows = await deps.prisma.runner.findMany({
    where: {
      OR: [
        { state: { in: ["active", "draining"] } },
        { heartbeatAt: { gt: new Date(now - rememberMs) } },
      ],
    },
    orderBy: { id: "asc" },
    take: 500,
  });
  return rows.map((row) => ({
    id: row.id.toString(),
    name: row.name,
    host: row.host,
    pid: row.pid,
    version: row.version,
    state: row.state,
    slots: row.slots,
    running: row.running,
    memoryBytes: Number(row.memoryBytes),
    startedAt: row.startedAt.toISOString(),
    heartbeatAt: row.heartbeatAt.toISOString(),
    heartbeatAgeMs: Math.max(0, now - row.heartbeatAt.getTime()),
  }));
}
