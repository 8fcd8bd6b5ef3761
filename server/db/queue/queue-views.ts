/** What waits, what runs, and the facts about why. Counts come from rows, through partial indexes. */
import type { HeldFacts, TaskFacts } from "#server/core/queue/wait.ts";
import { isTaskEnded, SUSPECT_FROM, type TaskState, taskStates } from "#server/core/run/states.ts";
import { iso, type Queryable } from "../sql.ts";

/** Most waiting tasks of one run that are looked at. */
const MOST_TASKS = 1_000;

/** Runners that take tasks, with the slots that they have left. */
const ABLE = `able as (
  select r.labels, r.slots - coalesce(b.n, 0) as free
    from runner r left join (
           select t.runner_id, count(*)::int as n from lane l
             join task_run t on t.lane = l.id and t.state = 'running'
            where l.takes_slot group by t.runner_id) b on b.runner_id = r.id
   where r.state = 'active' and r.lease_until > now())`;

/** Slots in use of each pool that has a limit. */
const USED = `used as (
  select p.name, p.slots, (
           select count(*)::int from lane l join task_run t on t.lane = l.id and t.state = 'running'
            where l.pool = p.name and l.takes_slot) as running
    from pool p where p.slots is not null)`;

/** Facts of a lane \`l\` that both have. */
const LANE_FACTS = `l.pool, l.label, l.takes_slot as "takesSlot",
  u.slots as "poolSlots", coalesce(u.running, 0) as "poolRunning",
  (select count(*)::int from able) as runners,
  (select count(*)::int from able a where l.label = '' or l.label = any(a.labels)) as able,
  (select coalesce(sum(greatest(a.free, 0)), 0)::int from able a
    where l.label = '' or l.label = any(a.labels)) as "freeSlots"`;

type LaneFacts = Omit<TaskFacts, "state" | "needs" | "retryAt" | "apart">;

/**
 * What is known of the tasks of a run that wait, by ordinal, at most 1,000. Of a task over a list its
 * parts are looked at instead, one for each state that they are in: such a task can have several rows.
 * @param tasks narrows them to some task ids
 */
export async function readTaskFacts(
  sql: Queryable,
  runId: string,
  tasks: readonly string[] | null,
): Promise<(TaskFacts & { task: string })[]> {
  const result = await sql.query<
    LaneFacts & {
      task: string;
      state: TaskState;
      needs: string[] | null;
      notBefore: Date | null;
      apart: boolean;
    }
  >(
    `with ${ABLE}, ${USED}
     select distinct on (coalesce(t.item_of, t.ordinal), t.state)
            rt.task_id as task, t.state, t.not_before as "notBefore", ${LANE_FACTS},
            t.state = 'retry_wait' and t.lost_in_row >= ${SUSPECT_FROM} as apart,
            case when t.state = 'waiting' then (
              select array_agg(nt.task_id order by e.parent) from revision_edge e
                join task_run n on n.run_id = t.run_id and n.ordinal = e.parent
                join revision_task nt on nt.revision_id = t.revision_id and nt.ordinal = e.parent
               where e.revision_id = t.revision_id and e.child = t.ordinal
                 and n.state <> all($3::task_state[])) end as needs
       from task_run t
       join revision_task rt on rt.revision_id = t.revision_id
                            and rt.ordinal = coalesce(t.item_of, t.ordinal)
       join lane l on l.id = t.lane
       left join used u on u.name = l.pool
      where t.run_id = $1 and t.state in ('waiting', 'ready', 'retry_wait') and t.items is null
        and ($2::text[] is null or rt.task_id = any($2))
      order by coalesce(t.item_of, t.ordinal), t.state, t.not_before limit ${MOST_TASKS}`,
    [runId, tasks, taskStates.filter(isTaskEnded)],
  );
  return result.rows.map(({ notBefore, needs, ...row }) => ({
    ...row,
    needs: needs ?? [],
    retryAt: row.state === "retry_wait" ? iso(notBefore) : null,
  }));
}

/** What is known of a run that may be held; null when there is no such run. */
export async function readHeldFacts(sql: Queryable, runId: string): Promise<HeldFacts | null> {
  const result = await sql.query<HeldFacts>(
    `select r.held and r.finished_at is null as held, r.flow_id as flow, f.concurrency as limit,
            case when f.concurrency is null then 0 else (
              select count(*)::int from run a
               where a.flow_id = r.flow_id and not a.held and a.finished_at is null) end as active,
            case when r.held and r.takes_turn and r.finished_at is null then array(
              select a.id::text from run a
               where a.flow_id = r.flow_id and a.schedule_key = r.schedule_key and a.id < r.id
                 and a.finished_at is null
               order by a.id) else '{}' end as "earlierRuns"
       from run r join flow f on f.id = r.flow_id where r.id = $1`,
    [runId],
  );
  return result.rows[0] ?? null;
}

/** States of all tasks of a run, each once. */
export async function readTaskStates(sql: Queryable, runId: string): Promise<TaskState[]> {
  const result = await sql.query<{ state: TaskState }>(
    "select distinct state from task_run where run_id = $1",
    [runId],
  );
  return result.rows.map(({ state }) => state);
}

export interface LaneRow extends LaneFacts {
  lane: number;
  ready: number;
  oldestReadyAt: string | null;
}

/** Lanes in which tasks wait, the one with the oldest of them first. */
export async function listWaitingLanes(sql: Queryable): Promise<LaneRow[]> {
  const result = await sql.query<Omit<LaneRow, "oldestReadyAt"> & { oldestReadyAt: Date | null }>(
    `with ${ABLE}, ${USED}, waiting as (
       select lane, count(*)::int as ready, min(ready_at) as oldest from task_run
        where state = 'ready' group by lane)
     select w.lane, w.ready, w.oldest as "oldestReadyAt", ${LANE_FACTS}
       from waiting w join lane l on l.id = w.lane left join used u on u.name = l.pool
      order by w.oldest nulls last, w.lane limit 200`,
  );
  return result.rows.map((row) => ({ ...row, oldestReadyAt: iso(row.oldestReadyAt) }));
}

export interface WaitingTaskRow {
  lane: number;
  run: string;
  flow: string;
  flowName: string | null;
  task: string;
  taskName: string | null;
  priority: number;
  readyAt: string | null;
}

/** The next tasks of each lane, in the order in which they are taken. */
export async function listNextTasks(
  sql: Queryable,
  lanes: readonly number[],
  limit: number,
): Promise<WaitingTaskRow[]> {
  const result = await sql.query<Omit<WaitingTaskRow, "readyAt"> & { readyAt: Date | null }>(
    `select l.lane, t.run_id as run, r.flow_id as flow, f.name as "flowName", rt.task_id as task,
            v.spec #>> array['tasks', rt.task_id, 'name'] as "taskName", t.priority, t.ready_at as "readyAt"
       from unnest($1::int[]) as l(lane),
            lateral (select * from task_run where lane = l.lane and state = 'ready'
                      order by priority desc, run_id, ordinal limit $2) t
       join run r on r.id = t.run_id
       join flow f on f.id = r.flow_id
       join revision v on v.id = t.revision_id
       join revision_task rt on rt.revision_id = t.revision_id
                            and rt.ordinal = coalesce(t.item_of, t.ordinal)
      order by l.lane, t.priority desc, t.run_id, t.ordinal`,
    [lanes, limit],
  );
  return result.rows.map((row) => ({ ...row, readyAt: iso(row.readyAt) }));
}

export interface HeldFlowRow {
  flow: string;
  flowName: string | null;
  held: number;
  active: number;
  limit: number | null;
  oldestAt: string;
}

/** Flows with held runs, the longest held first, at most 50. */
export async function listHeldFlows(sql: Queryable): Promise<HeldFlowRow[]> {
  const result = await sql.query<Omit<HeldFlowRow, "oldestAt"> & { oldestAt: Date }>(
    `select h.flow_id as flow, f.name as "flowName", h.held, h.oldest as "oldestAt",
            f.concurrency as limit, (
              select count(*)::int from run a
               where a.flow_id = h.flow_id and not a.held and a.finished_at is null) as active
       from (select flow_id, count(*)::int as held, min(created_at) as oldest from run
              where held and finished_at is null group by flow_id) h
       join flow f on f.id = h.flow_id
      order by h.oldest limit 50`,
  );
  return result.rows.map((row) => ({ ...row, oldestAt: row.oldestAt.toISOString() }));
}

export interface QueueTotals {
  ready: number;
  running: number;
  besides: number;
  retryWait: number;
  held: number;
  slots: number;
  oldestReadyAt: string | null;
  now: string;
}

/** The whole queue in numbers. */
export async function readTotals(sql: Queryable): Promise<QueueTotals> {
  const result = await sql.query<
    Omit<QueueTotals, "oldestReadyAt" | "now"> & { oldestReadyAt: Date | null; now: Date }
  >(
    `with busy as (
       select l.takes_slot, count(*)::int as n from lane l
         join task_run t on t.lane = l.id and t.state = 'running' group by l.takes_slot)
     select (select count(*)::int from task_run where state = 'ready') as ready,
            coalesce((select n from busy where takes_slot), 0) as running,
            coalesce((select n from busy where not takes_slot), 0) as besides,
            (select count(*)::int from task_run where state = 'retry_wait') as "retryWait",
            (select count(*)::int from run where held and finished_at is null) as held,
            (select coalesce(sum(slots), 0)::int from runner
              where state = 'active' and lease_until > now()) as slots,
            (select min(ready_at) from task_run where state = 'ready') as "oldestReadyAt",
            clock_timestamp() as now`,
  );
  const row = result.rows[0];
  if (row === undefined) throw new Error("an aggregate without a row");
  return { ...row, oldestReadyAt: iso(row.oldestReadyAt), now: row.now.toISOString() };
}
