import { type Actor, authorise } from "#server/auth/actor.ts";
import { whyBackfillWaits } from "#server/core/backfill/wait.ts";
import type {
  PoolView,
  QueuePoint,
  QueueView,
  RunWaits,
  WaitGroup,
} from "#server/core/queue/view.ts";
import { whyRunWaits, whyWaits } from "#server/core/queue/wait.ts";
import { noSuchRun } from "#server/core/run/refusals.ts";
import type { WaitReason } from "#server/core/run/view.ts";
import { listWaitingBackfills } from "#server/db/backfill/backfill-views.ts";
import { listPools as selectPools } from "#server/db/queue/pools.ts";
import {
  type FullRow,
  listFull,
  listPoints,
  type PointRow,
} from "#server/db/queue/queue-samples.ts";
import {
  type LaneRow,
  listHeldFlows,
  listNextTasks,
  listWaitingLanes,
  readHeldFacts,
  readTaskFacts,
  readTaskStates,
  readTotals,
  type WaitingTaskRow,
} from "#server/db/queue/queue-views.ts";
import type { Deps } from "#server/usecases/deps.ts";

/** Tasks in line that are shown of each group. */
const NEXT_SHOWN = 5;
/** Points of the last hour that are shown. */
const MOST_POINTS = 120;

/** The queue: how deep it is, what waits and why, and how it was within the last hour. */
export async function getQueue(deps: Deps, actor: Actor): Promise<QueueView> {
  authorise(actor, "run:read");
  const [totals, pools, lanes, heldFlows, backfills, full, points] = await Promise.all([
    readTotals(deps.pool),
    selectPools(deps.pool),
    listWaitingLanes(deps.pool),
    listHeldFlows(deps.pool),
    listWaitingBackfills(deps.pool),
    listFull(deps.pool),
    listPoints(deps.pool),
  ]);
  const next = await listNextTasks(
    deps.pool,
    lanes.map(({ lane }) => lane),
    NEXT_SHOWN,
  );
  return {
    ...totals,
    perMinute: throughput(points),
    full: fullOf(full, null),
    pools: pools.map((pool) => ({ ...pool, full: fullOf(full, pool.name) })),
    groups: lanes.map((lane) => groupOf(lane, next)),
    heldFlows,
    backfills: backfills.map((row) => {
      const { id, flow, flowName, overSets, waiting, startedAt } = row;
      return { id, flow, flowName, overSets, waiting, startedAt, waits: whyBackfillWaits(row) };
    }),
    points: thin(points),
  };
}

/** All pools, those with slots first. */
export async function listPools(deps: Deps, actor: Actor): Promise<PoolView[]> {
  authorise(actor, "run:read");
  const [pools, full] = await Promise.all([selectPools(deps.pool), listFull(deps.pool)]);
  return pools.map((pool) => ({ ...pool, full: fullOf(full, pool.name) }));
}

/**
 * Why tasks of a run wait, and why the run does as a whole.
 * @throws AppError NOT_FOUND
 */
export async function getRunWaits(
  deps: Deps,
  actor: Actor,
  input: { id: string; task?: string | undefined },
): Promise<RunWaits> {
  authorise(actor, "run:read");
  const [held, facts, states] = await Promise.all([
    readHeldFacts(deps.pool, input.id),
    readTaskFacts(deps.pool, input.id, input.task === undefined ? null : [input.task]),
    readTaskStates(deps.pool, input.id),
  ]);
  if (held === null) return noSuchRun(input.id);
  const byTask = new Map<string, WaitReason[]>();
  for (const { task, ...own } of facts) {
    byTask.set(task, [...(byTask.get(task) ?? []), ...whyWaits(own, held)]);
  }
  const tasks = [...byTask].map(([task, waits]) => ({ task, waits }));
  return { tasks, run: whyRunWaits(states, tasks) };
}

function fullOf(rows: readonly FullRow[], pool: string | null): PoolView["full"] {
  const row = rows.find((candidate) => candidate.pool === pool);
  return row === undefined ? null : { share: row.share, ofMs: row.ofMs };
}

const NOT_HELD = { held: false, earlierRuns: [], flow: "", limit: null, active: 0 };

function groupOf(lane: LaneRow, next: readonly WaitingTaskRow[]): WaitGroup {
  const { pool, label, ready, oldestReadyAt } = lane;
  const facts = { ...lane, state: "ready" as const, needs: [], retryAt: null, apart: false };
  return {
    pool,
    label: label === "" ? null : label,
    ready,
    oldestReadyAt,
    waits: whyWaits(facts, NOT_HELD),
    next: nextOf(lane.lane, next),
  };
}

/** Parts of a task over a list stand for it once. */
function nextOf(lane: number, next: readonly WaitingTaskRow[]): WaitGroup["next"] {
  const named = new Map<string, WaitGroup["next"][number]>();
  for (const { lane: own, ...task } of next) {
    const key = `${task.run} ${task.task}`;
    if (own === lane && !named.has(key)) named.set(key, task);
  }
  return [...named.values()];
}

function rate(from: PointRow, to: PointRow): number | null {
  const minutes = (to.at.getTime() - from.at.getTime()) / 60_000;
  return minutes <= 0 ? null : Math.max(0, to.ended - from.ended) / minutes;
}

/** Over the newest minute of samples. */
function throughput(points: readonly PointRow[]): number | null {
  const last = points.at(-1);
  if (last === undefined) return null;
  const first = points.find(({ at }) => last.at.getTime() - at.getTime() <= 61_000);
  return first === undefined || first === last ? null : rate(first, last);
}

/** Few enough points to draw, the newest always among them. */
function thin(rows: readonly PointRow[]): QueuePoint[] {
  const step = Math.max(1, Math.ceil(rows.length / MOST_POINTS));
  const kept = rows.filter((_, index) => (rows.length - 1 - index) % step === 0);
  return kept.map((row, index) => {
    const before = kept[index - 1];
    const { at, ready, running, slots } = row;
    const perMinute = before === undefined ? null : rate(before, row);
    return { at: at.toISOString(), ready, running, slots, perMinute };
  });
}
