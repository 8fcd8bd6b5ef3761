/**
 * The hot path of the queue: claim, and complete + release + take in one statement. Everything that
 * is not a plain success goes through settle.ts.
 *
 * Row locks are always taken in this order: task runs by (run, ordinal), then runs by id.
 */
import type { Json } from "../core/flow/spec.ts";
import type { HotConnection } from "./queue-connection.ts";
import { recordRefused } from "./queue-refused.ts";

/** One task run handed to a runner. The attempt number fences every later write about it. */
export interface Claim {
  runId: string;
  ordinal: number;
  attempt: number;
  revisionId: string;
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
}

type ClaimTuple = [runId: string, ordinal: number, attempt: number, revisionId: string];

const toClaim = ([runId, ordinal, attempt, revisionId]: ClaimTuple): Claim => ({
  runId,
  ordinal,
  attempt,
  revisionId,
});

// $1 runner, $2 limit. A runner whose lease ended or that drains gets nothing.
const CLAIM = `
with me as (
  select 1 from runner where id = $1 and state = 'active' and lease_until > now()
), head as (
  select run_id, ordinal from task_run
   where state = 'ready' and exists (select from me)
   order by priority desc, run_id, ordinal
   for no key update skip locked limit $2
), taken as (
  update task_run t
     set state = 'running', runner_id = $1, attempt = t.attempt + 1, started_at = now(), not_before = null
    from head where t.run_id = head.run_id and t.ordinal = head.ordinal
  returning t.run_id, t.ordinal, t.attempt, t.revision_id, t.priority
), fresh as (
  select r.id from run r
   where r.id = any(array(select run_id from taken)) and r.state = 'queued'
   order by r.id for no key update
), started as (
  update run r set state = 'running', started_at = now()
   where r.id = any(array(select id from fresh)) and r.state = 'queued' returning r.id
)
select coalesce((select json_agg(json_build_array(run_id::text, ordinal, attempt, revision_id::text)
                          order by priority desc, run_id, ordinal) from taken), '[]') as claims,
       coalesce((select json_agg(id::text) from started), '[]') as started`;

/**
 * Claims ready tasks for a runner, at most `limit`, by priority, then oldest run first.
 * Safe to race: each row goes to one caller.
 */
export async function claim(
  connection: HotConnection,
  runnerId: string,
  limit: number,
): Promise<ClaimResult> {
  const [row] = await connection.run<{ claims: ClaimTuple[]; started: string[] }>({
    name: "claim",
    text: CLAIM,
    values: [runnerId, limit],
  });
  return { claims: (row?.claims ?? []).map(toClaim), startedRuns: row?.started ?? [] };
}

/** Most instant tasks that one completion hands over. */
const MAX_INSTANT = 256;

// $1 runner, $2–$5 runs, ordinals, attempts, outputs as JSON text, $6 how many tasks to take, $7 types
// that take no slot and are taken besides.
// One row always comes back. A task is only taken past no ready task of higher priority or of an
// older run, so that a hand-off never jumps the queue.
// Every row is found by primary key: "is true" keeps the planner off the index of running tasks, which
// would be compared with the whole batch row by row, and arrays and lateral joins keep it from reading
// all of a small table of runs.
const COMPLETE = `
with done as (
  update task_run t set state = 'succeeded', finished_at = now()
    from unnest($2::bigint[], $3::int[], $4::int[], $5::text[]) as x(run_id, ordinal, attempt, output)
   where t.run_id = x.run_id and t.ordinal = x.ordinal and t.attempt = x.attempt
     and (t.state = 'running') is true and t.runner_id + 0 = $1
  returning t.run_id, t.ordinal, t.attempt, t.revision_id, t.leaf, t.started_at, x.output
), attempts as (
  insert into attempt (run_id, ordinal, attempt, state, runner_id, started_at, finished_at)
  select run_id, ordinal, attempt, 'succeeded', $1, started_at, now() from done
), outputs as (
  insert into task_output (run_id, ordinal, attempt, output)
  select run_id, ordinal, attempt, output::jsonb from done where output is not null
), child as (
  select d.run_id, d.revision_id, e.child, count(*)::int as n
    from done d join revision_edge e on e.revision_id = d.revision_id and e.parent = d.ordinal
   group by d.run_id, d.revision_id, e.child
), locked as (
  select t.run_id, t.ordinal, t.priority, c.n, t.pending = c.n and not t.gated as free,
         r.type = any($7::text[]) as instant
    from child c
    join task_run t on t.run_id = c.run_id and t.ordinal = c.child
    join revision_task r on r.revision_id = c.revision_id and r.ordinal = c.child
   where t.state = 'waiting'
   order by t.run_id, t.ordinal for no key update of t
), head as (
  select priority, run_id from task_run
   where state = 'ready' order by priority desc, run_id, ordinal limit 1
), ranked as (
  select l.run_id, l.ordinal, l.n, l.free,
         l.free
           and row_number() over (partition by l.instant
                                      order by l.free desc, l.priority desc, l.run_id, l.ordinal)
               <= case when l.instant then ${MAX_INSTANT} else $6::int end
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
         started_at = case when k.take then now() end
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
       exists (select from released where state = 'ready') as released`;

interface CompleteRow {
  done: number;
  accepted: string[] | null;
  taken: ClaimTuple[] | null;
  undecided: string[] | null;
  unended: string[] | null;
  ended: string[] | null;
  released: boolean;
}

/**
 * Records successes and moves on: marks the tasks succeeded, releases their children, takes up to
 * `keep` of those for the same runner, and ends runs whose last task this was.
 * Safe to race: an attempt that is no longer this runner's is refused, and recorded as such.
 * @param successes ordered by nothing in particular, each task at most once
 * @param keep      how many tasks may be taken
 * @param instant   task types that are done as soon as they are taken: they need no slot, and are
 *                  taken besides, at most 256
 * @throws the driver's error; nothing has been recorded then
 */
export async function complete(
  connection: HotConnection,
  runnerId: string,
  successes: readonly Success[],
  keep: number,
  instant: readonly string[] = [],
): Promise<CompleteResult> {
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
