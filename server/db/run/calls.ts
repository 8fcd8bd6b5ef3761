/** Which flows run which others, and the runs that tasks have made. */
import type { PoolClient } from "pg";
import type { FlowSpec, Json } from "#server/core/flow/spec.ts";
import type { RunState } from "#server/core/run/states.ts";
import type { CalledRunView, FirstError } from "#server/core/run/view.ts";
import type { Queryable } from "../sql.ts";

/** Key of the lock under which calls are checked and published. */
const CALLS_LOCK = 7_461_004;

/**
 * Keeps all others from publishing a revision that runs other flows, until the transaction ends: of
 * two that close a cycle together, the second one sees the first.
 */
export async function lockCalls(client: PoolClient): Promise<void> {
  await client.query("select pg_advisory_xact_lock($1)", [CALLS_LOCK]);
}

/** For each flow whose current revision runs others: which. */
export async function readCurrentCalls(sql: Queryable): Promise<Map<string, string[]>> {
  const result = await sql.query<{ flow: string; called: string[] }>(
    `select f.id as flow, array_agg(c.flow_id order by c.flow_id) as called
       from flow f join revision_call c on c.revision_id = f.latest_revision_id
      group by f.id`,
  );
  return new Map(result.rows.map(({ flow, called }) => [flow, called]));
}

/** Which of these flows are there, and whether they are archived. */
export async function readKnownFlows(
  sql: Queryable,
  ids: readonly string[],
): Promise<Map<string, { archived: boolean }>> {
  const result = await sql.query<{ id: string; archived: boolean }>(
    `select id, archived_at is not null as archived from flow
      where id = any($1::text[]) and latest_revision_id is not null`,
    [ids],
  );
  return new Map(result.rows.map(({ id, archived }) => [id, { archived }]));
}

/** A flow that a revision reaches, as it stands. */
export interface ReachedFlow {
  /** The revision from which it is reached. */
  from: string;
  flow: string;
  /** Of its current revision; null when there is no such flow. */
  hash: string | null;
  archived: boolean;
}

/** All flows that revisions reach, by their own calls and those of the current revisions called. */
export async function readReached(
  sql: Queryable,
  revisionIds: readonly string[],
): Promise<ReachedFlow[]> {
  const result = await sql.query<ReachedFlow>({
    name: "reached flows",
    text: `with recursive reached as (
         select c.revision_id as origin, c.flow_id, f.latest_revision_id
           from revision_call c left join flow f on f.id = c.flow_id
          where c.revision_id = any($1::bigint[])
         union
         select r.origin, c.flow_id, f.latest_revision_id
           from reached r join revision_call c on c.revision_id = r.latest_revision_id
           left join flow f on f.id = c.flow_id)
       select r.origin as "from", r.flow_id as flow, v.hash,
              coalesce(f.archived_at is not null, false) as archived
         from reached r
         left join flow f on f.id = r.flow_id
         left join revision v on v.id = r.latest_revision_id
        order by r.origin, r.flow_id`,
    values: [revisionIds],
  } as never);
  return result.rows;
}

export interface PinnedRevision {
  id: string;
  flow: string;
  hash: string;
  spec: FlowSpec;
  priority: number;
}

/** The revisions that pins name, as far as they are there. */
export async function readPinned(
  sql: Queryable,
  pins: Readonly<Record<string, string>>,
): Promise<PinnedRevision[]> {
  const result = await sql.query<PinnedRevision>(
    `select v.id, v.flow_id as flow, v.hash, v.spec, v.priority
       from unnest($1::text[], $2::text[]) as p(flow_id, hash)
       join revision v on v.flow_id = p.flow_id and v.hash = p.hash`,
    [Object.keys(pins), Object.values(pins)],
  );
  return result.rows;
}

/** The attempt in whose name a run is asked for, and what its run has to hand on. */
export interface CallingTask {
  /** Attempts that have failed. */
  failures: number;
  cancelRequested: boolean;
  manifestText: string;
  timezone: string;
  /** The run's own, without its flow's. */
  priority: number;
}

/**
 * Locks the task run of a live attempt, so that neither its end nor a request to cancel it falls
 * between a look at it and the run that is made for it.
 * @returns null when the attempt is no longer its runner's
 */
export async function lockCallingTask(
  client: PoolClient,
  claim: { runId: string; ordinal: number; attempt: number },
  runnerId: string,
): Promise<CallingTask | null> {
  const result = await client.query<CallingTask>(
    `select t.failures, t.cancel_requested as "cancelRequested", m.text as "manifestText",
            r.timezone, r.priority - v.priority as priority
       from task_run t join run r on r.id = t.run_id join revision v on v.id = r.revision_id
       join manifest m on m.identity = r.identity
      where t.run_id = $1 and t.ordinal = $2 and t.attempt = $3 and t.runner_id = $4
        and t.state = 'running'
        for share of t`,
    [claim.runId, claim.ordinal, claim.attempt, runnerId],
  );
  return result.rows[0] ?? null;
}

export interface CalledRunRow {
  run: string;
  try: number;
  state: RunState;
  firstError: FirstError | null;
  cancelRequested: boolean;
}

/** The newest run that a task has made; null when there is none. */
export async function findCalledRun(
  sql: Queryable,
  caller: { runId: string; ordinal: number },
): Promise<CalledRunRow | null> {
  const result = await sql.query<CalledRunRow>(
    `select id as run, caller_try as try, state, first_error as "firstError",
            cancel_requested_at is not null as "cancelRequested"
       from run where caller_run_id = $1 and caller_ordinal = $2 order by caller_try desc limit 1`,
    [caller.runId, caller.ordinal],
  );
  return result.rows[0] ?? null;
}

/** The runs that tasks of a run have made, newest first. */
export async function listCalledRuns(sql: Queryable, runId: string): Promise<CalledRunView[]> {
  const result = await sql.query<CalledRunView>({
    name: "called runs",
    text: `select r.id as run, r.flow_id as flow, f.name as "flowName", r.caller_task as task, r.state
             from run r join flow f on f.id = r.flow_id
            where r.caller_run_id = $1 order by r.id desc limit 50`,
    values: [runId],
  });
  return result.rows;
}

/** Runs that go on although the task that they were made for has ended. */
export async function findForsakenRuns(
  sql: Queryable,
  limit: number,
): Promise<{ run: string; caller: string; task: string }[]> {
  const result = await sql.query<{ run: string; caller: string; task: string }>(
    `select r.id as run, r.caller_run_id as caller, r.caller_task as task
       from run r join task_run t on (t.run_id, t.ordinal) = (r.caller_run_id, r.caller_ordinal)
      where r.caller_run_id is not null and r.finished_at is null and r.cancel_requested_at is null
        and t.state in ('succeeded', 'failed', 'cancelled')
      order by r.id limit $1`,
    [limit],
  );
  return result.rows;
}

/** What the last tasks of a run returned, by task id; those that returned nothing are absent. */
export async function readLeafOutputs(
  sql: Queryable,
  runId: string,
): Promise<Record<string, Json>> {
  const result = await sql.query<{ task: string; output: Json }>(
    `select rt.task_id as task, o.output
       from task_run t
       join revision_task rt on (rt.revision_id, rt.ordinal) = (t.revision_id, t.ordinal)
       join task_output o
         on o.ordinal = t.ordinal and o.run_id = coalesce(t.reused_from_run_id, t.run_id)
      where t.run_id = $1 and t.leaf and t.state in ('succeeded', 'reused')
      order by rt.task_id`,
    [runId],
  );
  return Object.fromEntries(result.rows.map(({ task, output }) => [task, output]));
}
