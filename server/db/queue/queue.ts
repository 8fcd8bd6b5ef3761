/**
 * The hot path of the queue: claim, and complete + release + take in one statement, which for a success
 * alone is a function of the database that does the same (queue-complete-one.ts). Everything that is not
 * a plain success goes through settle.ts.
 *
 * Ready tasks stand in lanes: pool, label and whether they take a slot (decision 0075). A runner looks
 * at the lanes that are open to it. Lanes of pools without slots cost nothing more than that; claims
 * from a pool with slots go one after the other, by a lock on its row.
 *
 * Row locks are always taken in this order: pools by name, task runs by (run, ordinal) or passed over,
 * then runs by id.
 */
import type { Json } from "../../core/flow/spec.ts";
import { SHARE } from "../../core/queue/share.ts";
import { completeOne } from "./queue-complete-one.ts";
import type { HotConnection } from "./queue-connection.ts";
import { recordRefused } from "./queue-refused.ts";

/** One task run handed to a runner. The attempt number fences every later write about it. */
export interface Claim {
  runId: string;
  ordinal: number;
  attempt: number;
  revisionId: string;
  /** False for a task that only waits. */
  takesSlot: boolean;
  /** For a task run of a list: the ordinal of its task, and its place in the list, from 0. */
  each: { of: number; index: number } | null;
}

/** A task that succeeded. `output` is absent when the task returned nothing. */
export interface Success {
  runId: string;
  ordinal: number;
  attempt: number;
  output?: Json;
}

export interface ClaimResult {
  claims: Claim[];
  /** Runs that went from queued to running. */
  startedRuns: string[];
  /** True when ready tasks were passed over that other runners may have passed over meanwhile. */
  left: boolean;
}

/** What a runner asks for besides a number of tasks. */
export interface ClaimWish {
  /** How many of them have to come from below the highest priority, if there are any. 0 by default. */
  below?: number;
  /** Most tasks that take no slot. 256 by default. */
  besides?: number;
  /** True to leave out pools with slots, whose rows somebody may have locked. False by default. */
  unlimitedOnly?: boolean;
}

export interface CompleteResult {
  /** Follow-up tasks that this runner holds from now on. */
  taken: Claim[];
  /** Reports that were refused because the attempt is no longer this runner's. Already recorded. */
  refused: Success[];
  /** Runs with a task whose needs have ended and whose start must be decided. */
  undecided: string[];
  /** Runs whose last task ended but whose end state must be worked out. */
  unended: string[];
  /** Runs that ended succeeded. */
  ended: string[];
  /** True when some task became ready that this runner did not take. */
  released: boolean;
  /** True when a place in a pool became free that a ready task waits for. */
  freed: boolean;
  /** True when ready tasks waited that this runner could have taken instead of follow-ups. */
  queued: boolean;
}

type ClaimTuple = [
  runId: string,
  ordinal: number,
  attempt: number,
  revisionId: string,
  takesSlot?: boolean,
  itemOf?: number | null,
  item?: number | null,
];

/**
 * Tasks that are handed over with an acknowledgement all take a slot and are no parts of lists; they
 * do not say so.
 */
function toClaim(tuple: ClaimTuple): Claim {
  const [runId, ordinal, attempt, revisionId, takesSlot = true, of = null, index = null] = tuple;
  const each = of === null || index === null ? null : { of, index };
  return { runId, ordinal, attempt, revisionId, takesSlot, each };
}

/** Most tasks without a slot that one statement hands over. */
export const MAX_BESIDES = 256;

// $1 runner, $2 most tasks with a slot, $3 how many of them from below the highest priority, $4 most
// tasks without a slot, $5 whether to leave out pools with slots. A runner whose lease ended or that
// drains gets nothing.
// Tasks of a queued run whose row somebody has locked are left: the run could not be started with them.
// `open` are the lanes to look at and the most to take from each; pool '' stands for all that have no
// limit. `level` steps from priority to priority down each lane, and `under` takes the oldest tasks of
// the levels below the highest, which go before everything else.
const CLAIM = `
with recursive me as (
  select labels from runner where id = $1 and state = 'active' and lease_until > now()
), known as materialized (
  select l.id, l.pool, l.takes_slot, l.takes_slot and p.slots is not null as limited
    from me, lane l join pool p on p.name = l.pool
   where (l.label = '' or l.label = any(me.labels))
     and not ($5::boolean and l.takes_slot and p.slots is not null)
), open as materialized (
  select id, '' as pool, takes_slot, case when takes_slot then $2::int else $4::int end as most, 0 as below
    from known where not limited
  union all
  select k.id, k.pool, true, r.room, r.below
    from idem_pool_room(array(
           select distinct k.pool from known k
            where k.limited and $2::int > 0
              and exists (select from task_run t where t.lane = k.id and t.state = 'ready')), $2::int) r
    join known k on k.pool = r.name and k.limited
   where r.room > 0
), level(lane, pool, most, below, priority) as (
  select o.id, o.pool, o.most, o.below, t.priority
    from open o, lateral (
           select priority from task_run where lane = o.id and state = 'ready'
            order by priority desc limit 1) t
   where o.takes_slot and greatest(o.below, $3::int) > 0
  union all
  select l.lane, l.pool, l.most, l.below, (
           select t.priority from task_run t
            where t.lane = l.lane and t.state = 'ready' and t.priority < l.priority
            order by t.priority desc limit 1)
    from level l where l.priority is not null
), under as (
  select v.pool, v.most, t.run_id, t.ordinal, t.priority,
         count(*) over (order by t.run_id, t.ordinal) <= $3::int
           or (v.priority < v.pool_top
               and count(*) filter (where v.priority < v.pool_top)
                     over (partition by v.pool order by t.run_id, t.ordinal) <= v.below) as due
    from (select *, max(priority) over () as top, max(priority) over (partition by pool) as pool_top
            from level where priority is not null) v,
         lateral (
           select run_id, ordinal, priority from task_run
            where lane = v.lane and state = 'ready' and priority = v.priority
            order by run_id, ordinal limit greatest(v.below, $3::int) for no key update skip locked) t
   where v.priority < v.top
), head as (
  select o.pool, o.takes_slot, o.most, t.run_id, t.ordinal, t.priority
    from open o, lateral (
           select run_id, ordinal, priority from task_run where lane = o.id and state = 'ready'
            order by priority desc, run_id, ordinal limit o.most for no key update skip locked) t
), found as (
  select distinct on (run_id, ordinal) * from (
    select pool, takes_slot, most, run_id, ordinal, priority, false as due from head
    union all
    select pool, true, most, run_id, ordinal, priority, true from under where due) f
   order by run_id, ordinal, due desc
), fresh as materialized (
  select r.id from run r
   where r.id = any(array(select distinct run_id from found)) and r.state = 'queued'
   order by r.id for no key update skip locked
), startable as (
  select * from found f
   where f.run_id = any(array(select id from fresh))
      or not exists (select from run r where r.id = f.run_id and r.state = 'queued')
), fit as (
  select *, row_number() over (partition by takes_slot order by due desc, priority desc, run_id, ordinal) as n
    from (select *, row_number() over (partition by takes_slot, pool
                                           order by due desc, priority desc, run_id, ordinal) as m
            from startable) f
   where m <= most
), chosen as (
  select pool, takes_slot, run_id, ordinal from fit where n <= case when takes_slot then $2::int else $4::int end
), turned as (
  update pool p set turns = (p.turns + c.n) % ${SHARE}
    from (select pool, count(*)::int as n from chosen where pool <> '' group by pool) c
   where p.name = c.pool
), taken as (
  update task_run t
     set state = 'running', runner_id = $1, attempt = t.attempt + 1, started_at = now(), not_before = null
    from chosen where t.run_id = chosen.run_id and t.ordinal = chosen.ordinal
  returning t.run_id, t.ordinal, t.attempt, t.revision_id, t.priority, chosen.takes_slot, t.item_of, t.item
), started as (
  update run r set state = 'running', started_at = now()
   where r.id = any(array(select id from fresh intersect select run_id from taken)) and r.state = 'queued'
  returning r.id
)
select coalesce((select json_agg(json_build_array(run_id::text, ordinal, attempt, revision_id::text, takes_slot, item_of, item)
                          order by priority desc, run_id, ordinal) from taken), '[]') as claims,
       coalesce((select json_agg(id::text) from started), '[]') as started,
       (select count(*) from found) > (select count(*) from chosen) as left`;

/**
 * Claims ready tasks for a runner: by priority, then oldest run first, within the slots of their pools
 * and only those whose label the runner has.
 * Safe to race: each row goes to one caller, and no pool gets more than its slots.
 * @param slots most tasks that take a slot
 */
export async function claim(
  connection: HotConnection,
  runnerId: string,
  slots: number,
  wish: ClaimWish = {},
): Promise<ClaimResult> {
  const [row] = await connection.run<{ claims: ClaimTuple[]; started: string[]; left: boolean }>({
    name: "claim",
    text: CLAIM,
    values: [
      runnerId,
      slots,
      wish.below ?? 0,
      wish.besides ?? MAX_BESIDES,
      wish.unlimitedOnly ?? false,
    ],
  });
  return {
    claims: (row?.claims ?? []).map(toClaim),
    startedRuns: row?.started ?? [],
    left: row?.left ?? false,
  };
}

// $1 runner, $2–$5 runs, ordinals, attempts, outputs as JSON text, $6 how many tasks to take, $7 types
// that take no slot and are taken besides, $8 labels of the runner.
// One row always comes back. A task is only taken past no ready task of higher priority or of an
// older run, so that a hand-off never jumps the queue, and only in lanes without limits.
// Every row is found by primary key: "is true" keeps the planner off the index of running tasks, which
// would be compared with the whole batch row by row, the limit makes it expect a short batch, and arrays
// and lateral joins keep it from reading all of a small table of runs.
const COMPLETE = `
with open as materialized (
  select l.id from lane l join pool p on p.name = l.pool
   where l.takes_slot and p.slots is null and (l.label = '' or l.label = any($8::text[]))
), done as (
  update task_run t set state = 'succeeded', finished_at = now()
    from (select * from unnest($2::bigint[], $3::int[], $4::int[], $5::text[])
                     as u(run_id, ordinal, attempt, output) limit cardinality($3::int[])) x
   where t.run_id = x.run_id and t.ordinal = x.ordinal and t.attempt = x.attempt
     and (t.state = 'running') is true and t.runner_id + 0 = $1
  returning t.run_id, t.ordinal, t.attempt, t.revision_id, t.lane, t.leaf, t.item_of, t.started_at, x.output
), attempts as (
  insert into attempt (run_id, ordinal, attempt, state, runner_id, started_at, finished_at)
  select run_id, ordinal, attempt, 'succeeded', $1, started_at, now() from done
), outputs as (
  insert into task_output (run_id, ordinal, attempt, output)
  select run_id, ordinal, attempt, output::jsonb from done where output is not null
), child as materialized (
  select d.run_id, d.revision_id, e.child, count(*)::int as n
    from done d join revision_edge e on e.revision_id = d.revision_id and e.parent = d.ordinal
   group by d.run_id, d.revision_id, e.child
  union all
  select run_id, revision_id, item_of, count(*)::int from done
   where item_of is not null group by run_id, revision_id, item_of
), locked as (
  select t.run_id, t.ordinal, t.priority, c.n, t.pending = c.n and not t.gated as free,
         t.lane = any(array(select id from open)) as here, r.type = any($7::text[]) as instant
    from child c,
         lateral (select * from task_run where run_id = c.run_id and ordinal = c.child and state = 'waiting') t,
         lateral (select type from revision_task where revision_id = c.revision_id and ordinal = c.child) r
   order by t.run_id, t.ordinal for no key update of t
), head as (
  select t.priority, t.run_id
    from open o, lateral (
           select priority, run_id, ordinal from task_run where lane = o.id and state = 'ready'
            order by priority desc, run_id, ordinal limit 1) t
   order by t.priority desc, t.run_id, t.ordinal limit 1
), ranked as (
  select l.run_id, l.ordinal, l.n, l.free,
         l.free and l.here
           and row_number() over (partition by l.instant
                                      order by (l.free and l.here) desc, l.priority desc, l.run_id, l.ordinal)
               <= case when l.instant then ${MAX_BESIDES} else $6::int end
           and coalesce((select l.priority > h.priority or (l.priority = h.priority and l.run_id <= h.run_id)
                           from head h), true) as take
    from locked l
), released as (
  update task_run t
     set pending = t.pending - k.n,
         state = (case when k.take then 'running' when k.free then 'ready' else 'waiting' end)::task_state,
         runner_id = case when k.take then $1 end,
         attempt = t.attempt + k.take::int,
         ready_at = case when k.free then now() end,
         started_at = case when k.take then now() else t.started_at end
    from ranked k where t.run_id = k.run_id and t.ordinal = k.ordinal and t.state = 'waiting'
  returning t.run_id, t.ordinal, t.attempt, t.revision_id, t.state, t.pending
), leaf as (
  select run_id, count(*)::int as n from done where leaf group by run_id
), closing as (
  select r.id, l.n
    from (select run_id, n from leaf order by run_id) l,
         lateral (select id from run where id = l.run_id for no key update) r
), closed as (
  update run r
     set open_leaves = r.open_leaves - c.n,
         state = (case when r.open_leaves = c.n and not r.troubled then 'succeeded' else r.state end),
         finished_at = case when r.open_leaves = c.n and not r.troubled then now() end
    from closing c where r.id = c.id and r.id = any(array(select id from closing))
  returning r.id, r.state, r.open_leaves
), ended as (
  insert into run_event (run_id, actor, verb, detail)
  select id, 'engine', 'ended', '{"state":"succeeded"}' from closed where state = 'succeeded'
)
select (select count(*)::int from done) as done,
       case when (select count(*) from done) < cardinality($3::int[])
            then (select coalesce(json_agg(run_id::text || ' ' || ordinal), '[]') from done) end as accepted,
       (select json_agg(json_build_array(run_id::text, ordinal, attempt, revision_id::text))
          from released where state = 'running') as taken,
       (select json_agg(distinct run_id::text) from released where state = 'waiting' and pending = 0) as undecided,
       (select json_agg(id::text) from closed where open_leaves = 0 and state = 'running') as unended,
       (select json_agg(id::text) from closed where state = 'succeeded') as ended,
       exists (select from released where state = 'ready') as released,
       exists (select from head) as queued,
       exists (select from (select distinct lane from done where lane <> all(array(select id from open))) d
                 join lane own on own.id = d.lane
                 join lane l on l.pool = own.pool
                 join task_run t on t.lane = l.id and t.state = 'ready') as freed`;

interface CompleteRow {
  done: number;
  accepted: string[] | null;
  taken: ClaimTuple[] | null;
  undecided: string[] | null;
  unended: string[] | null;
  ended: string[] | null;
  released: boolean;
  queued: boolean;
  freed: boolean;
}

/**
 * Records successes and moves on: marks the tasks succeeded, releases their children, takes up to
 * `keep` of those for the same runner, and ends runs whose last task this was.
 * Safe to race: an attempt that is no longer this runner's is refused, and recorded as such.
 * @param successes ordered by nothing in particular, each task at most once
 * @param keep      how many tasks may be taken
 * @param instant   task types that are done as soon as they are taken: they need no slot, and are
 *                  taken besides, at most 256
 * @param labels    labels of the runner
 * @throws the driver's error; nothing has been recorded then
 */
export async function complete(
  connection: HotConnection,
  runnerId: string,
  successes: readonly Success[],
  keep: number,
  instant: readonly string[] = [],
  labels: readonly string[] = [],
): Promise<CompleteResult> {
  const [only] = successes;
  if (only !== undefined && successes.length === 1) {
    const take = { keep, besides: MAX_BESIDES, instant, labels };
    const result = await completeOne(connection, runnerId, only, take);
    if (result !== null) return result;
  }
  const sorted = [...successes].sort(byRunAndOrdinal);
  const [row] = await connection.run<CompleteRow>({
    name: "complete",
    text: COMPLETE,
    values: [
      runnerId,
      sorted.map((s) => s.runId),
      sorted.map((s) => s.ordinal),
      sorted.map((s) => s.attempt),
      sorted.map((s) => (s.output === undefined ? null : JSON.stringify(s.output))),
      keep,
      instant,
      labels,
    ],
  });
  if (row === undefined) throw new Error("complete returned no row");
  const accepted = row.accepted === null ? null : new Set(row.accepted);
  const refused =
    accepted === null ? [] : sorted.filter((s) => !accepted.has(`${s.runId} ${s.ordinal}`));
  if (refused.length > 0) await recordRefused(connection, runnerId, refused, "succeeded");
  return {
    taken: (row.taken ?? []).map(toClaim),
    refused,
    undecided: row.undecided ?? [],
    unended: row.unended ?? [],
    ended: row.ended ?? [],
    released: row.released,
    freed: row.freed,
    queued: row.queued,
  };
}

/** The order in which rows are locked. */
export function byRunAndOrdinal(
  a: { runId: string; ordinal: number },
  b: { runId: string; ordinal: number },
): number {
  if (a.runId === b.runId) return a.ordinal - b.ordinal;
  const [x, y] = [BigInt(a.runId), BigInt(b.runId)];
  return x < y ? -1 : 1;
}
