import type { PoolClient } from "pg";
import type { ParamSchemas } from "#server/core/flow/params/write-only.ts";
import type { Json } from "#server/core/flow/spec.ts";
import type { Certificate, RerunPlanTask } from "#server/core/run/rerun-view.ts";
import type { RunTrigger, TaskState } from "#server/core/run/states.ts";
import type { IntervalView } from "#server/core/run/view.ts";
import { hidingSchemas } from "../flow/hidden-params.ts";
import type { Queryable } from "../sql.ts";
import { shownState } from "./fan-out.ts";

export interface NewRun {
  flowId: string;
  revisionId: string;
  manifest: { text: string; identity: string };
  params: Record<string, Json>;
  interval: IntervalView | null;
  timezone: string;
  trigger: RunTrigger;
  createdBy: string;
  /** Null for the run of a tick or of a backfill's row, which these make unique. */
  idempotencyKey: string | null;
  /** SHA-256 of the request, so that a key is not used twice for different ones. */
  requestHash: string | null;
  /** The run whose values were the starting point, where that is another one's. */
  changedFrom?: string;
  parent?: { id: string; scope: string; planHash: string; certificate: Certificate };
  reason?: string;
  schedule?: RunOfSchedule;
  backfill?: RunOfBackfill;
  caller?: RunCaller;
  /** Added to the priorities of the flow and its tasks, 0 by default. */
  priority?: number;
}

/** The row of a ledger that a run works off. */
export interface RunOfBackfill {
  id: string;
  ordinal: number;
  /** 1 for the first run of the row. */
  try: number;
}

/** The task run that a run is made for. */
export interface RunCaller {
  run: string;
  ordinal: number;
  /** Id of the task. */
  task: string;
  /** 1 for the first run, one more after each attempt that failed. */
  try: number;
}

export interface RunOfSchedule {
  key: string;
  /** ISO 8601; null for a run that somebody asked for. */
  tick: string | null;
  /** True when the run starts only once earlier runs of the schedule have ended. */
  held: boolean;
}

export type InsertedRun =
  | {
      created: true;
      id: string;
      /** Whether the flow limits its active runs. */
      limited: boolean;
    }
  | { created: false; id: string; requestHash: string | null };

/**
 * Inserts manifests and runs, in one statement; none of their tasks has ended. Safe to race: of several inserts with one
 * idempotency key, for one tick, or for one try of a backfill's row, one creates the run and the
 * others get its id.
 * @returns one result for each run, in order
 */
export async function insertRuns(
  client: PoolClient,
  runs: readonly NewRun[],
): Promise<InsertedRun[]> {
  const column = <T>(of: (run: NewRun) => T): T[] => runs.map(of);
  const result = await client.query<{ id: string; n: number; limited: boolean }>({
    name: "insert runs",
    text: `with input as (
       select nextval('run_id_seq') as id, i.* from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[],
           $6::timestamptz[], $7::timestamptz[], $8::text[], $9::text[], $10::bigint[], $11::text[],
           $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::text[],
           $19::timestamptz[], $20::bool[], $21::int[], $22::bigint[], $23::int[],
           $24::smallint[], $25::bigint[], $26::int[], $27::text[], $28::smallint[]) with ordinality
         as i(identity, manifest, flow_id, revision_id, params, interval_start, interval_end,
           timezone, trigger, parent_id, rerun_scope, plan_hash, certificate, reason, created_by,
           idempotency_key, request_hash, schedule_key, tick_at, held, priority,
           backfill_id, backfill_ordinal, backfill_try, caller_run_id, caller_ordinal, caller_task,
           caller_try, n)),
     leaf as (
       select revision_id, count(*)::int as n from revision_task
        where revision_id = any(array(select distinct revision_id from input)) and leaf group by revision_id),
     m as (
       insert into manifest (identity, text)
       select distinct on (identity) identity, manifest from input on conflict (identity) do nothing),
     r as (
       insert into run (id, flow_id, revision_id, identity, params, interval_start, interval_end,
          timezone, trigger, parent_id, rerun_scope, plan_hash, certificate, reason, created_by,
          idempotency_key, request_hash, schedule_key, tick_at, held, takes_turn, priority, backfill_id,
          backfill_ordinal, backfill_try, caller_run_id, caller_ordinal, caller_task, caller_try,
          open_leaves)
       select i.id, i.flow_id, revision_id, identity, i.params::jsonb, interval_start, interval_end,
          timezone, trigger::run_trigger, parent_id, rerun_scope, plan_hash, certificate::jsonb,
          reason, i.created_by, idempotency_key, request_hash, schedule_key, tick_at, held, held,
          i.priority + v.priority, backfill_id, backfill_ordinal, backfill_try, caller_run_id,
          caller_ordinal, caller_task, caller_try, coalesce(l.n, 0)
         from input i join revision v on v.id = i.revision_id left join leaf l using (revision_id)
        order by i.n
       on conflict do nothing
       returning id)
     select r.id, i.n::int as n, f.concurrency is not null as limited
       from r join input i using (id) join flow f on f.id = i.flow_id`,
    values: [
      column((run) => run.manifest.identity),
      column((run) => run.manifest.text),
      column((run) => run.flowId),
      column((run) => run.revisionId),
      column((run) => JSON.stringify(run.params)),
      column((run) => run.interval?.start ?? null),
      column((run) => run.interval?.end ?? null),
      column((run) => run.timezone),
      column((run) => run.trigger),
      column((run) => run.parent?.id ?? null),
      column((run) => run.parent?.scope ?? null),
      column((run) => run.parent?.planHash ?? null),
      column((run) => (run.parent === undefined ? null : JSON.stringify(run.parent.certificate))),
      column((run) => run.reason ?? null),
      column((run) => run.createdBy),
      column((run) => run.idempotencyKey),
      column((run) => run.requestHash),
      column((run) => run.schedule?.key ?? null),
      column((run) => run.schedule?.tick ?? null),
      column((run) => run.schedule?.held ?? false),
      column((run) => run.priority ?? 0),
      column((run) => run.backfill?.id ?? null),
      column((run) => run.backfill?.ordinal ?? null),
      column((run) => run.backfill?.try ?? null),
      column((run) => run.caller?.run ?? null),
      column((run) => run.caller?.ordinal ?? null),
      column((run) => run.caller?.task ?? null),
      column((run) => run.caller?.try ?? null),
    ],
  });
  const rows = new Map(result.rows.map(({ n, ...row }) => [n - 1, row]));
  const inserted: InsertedRun[] = [];
  for (const [index, run] of runs.entries()) {
    const row = rows.get(index);
    inserted.push(row === undefined ? await findTwin(client, run) : { created: true, ...row });
  }
  return inserted;
}

/** The run that was there before one with its idempotency key, its tick, its place in a ledger or its task. */
async function findTwin(client: PoolClient, run: NewRun): Promise<InsertedRun> {
  const known = await client.query<{ id: string; requestHash: string | null }>(
    `select id, request_hash as "requestHash" from run
      where idempotency_key = $1 or (flow_id, schedule_key, tick_at) = ($2, $3, $4::timestamptz)
         or (backfill_id, backfill_ordinal, backfill_try) = ($5, $6, $7)
         or (caller_run_id, caller_ordinal, caller_try) = ($8, $9, $10)`,
    [
      run.idempotencyKey,
      run.flowId,
      run.schedule?.key ?? null,
      run.schedule?.tick ?? null,
      run.backfill?.id ?? null,
      run.backfill?.ordinal ?? null,
      run.backfill?.try ?? null,
      run.caller?.run ?? null,
      run.caller?.ordinal ?? null,
      run.caller?.try ?? null,
    ],
  );
  const existing = known.rows[0];
  if (existing === undefined) throw new Error("the run of this key vanished");
  return { created: false, ...existing };
}

export interface RunToFill {
  id: string;
  revisionId: string;
  held: boolean;
  /** As of the new run. */
  priority: number;
  /** What the history of the run begins with. */
  actor: string;
  detail: Record<string, unknown>;
}

/**
 * Creates the task runs of new runs, roots ready, all others waiting, and begins their histories. The
 * roots of a held run wait for one more thing than they need, which `releaseRun` takes away.
 * @returns the runs in which some task needs a decision at once (a condition on a task without needs)
 */
export async function fillRuns(client: PoolClient, runs: readonly RunToFill[]): Promise<string[]> {
  const result = await client.query<{ runId: string }>({
    name: "fill runs",
    text: `with r as (
       select * from unnest($1::bigint[], $2::bigint[], $3::bool[], $4::int[], $5::text[], $6::text[])
         with ordinality as r(id, revision_id, held, priority, actor, detail, n)),
     e as (
       insert into run_event (run_id, actor, verb, detail)
       select id, actor, 'started', detail::jsonb from r order by n),
     t as (
       insert into task_run (run_id, ordinal, revision_id, state, pending, gated, leaf, lane, priority,
              ready_at)
       select r.id, rt.ordinal, rt.revision_id,
              (case when rt.needs = 0 and not rt.gated and not r.held then 'ready' else 'waiting' end)::task_state,
              case when r.held then greatest(rt.needs, 1) else rt.needs end, rt.gated, rt.leaf,
              rt.lane, rt.priority + r.priority,
              case when rt.needs = 0 and not rt.gated and not r.held then now() end
         from r join revision_task rt on rt.revision_id = r.revision_id
       returning run_id, pending = 0 and gated as undecided)
     select distinct run_id as "runId" from t where undecided`,
    values: [
      runs.map((run) => run.id),
      runs.map((run) => run.revisionId),
      runs.map((run) => run.held),
      runs.map((run) => run.priority),
      runs.map((run) => run.actor),
      runs.map((run) => JSON.stringify(run.detail)),
    ],
  });
  return result.rows.map(({ runId }) => runId);
}

export interface RerunToFill {
  id: string;
  revisionId: string;
  /** By ordinal. */
  plan: readonly RerunPlanTask[];
  /** As of the new run. */
  priority: number;
  /** Whether the first tasks wait for `releaseRun`. */
  held: boolean;
}

/**
 * Creates the task runs of reruns by their plans. Reused tasks point to the run that really executed
 * them; a task after a skipped one is gated, so that its condition is looked at again.
 * @returns the runs in which some task needs a decision at once
 */
export async function fillReruns(
  client: PoolClient,
  reruns: readonly RerunToFill[],
): Promise<string[]> {
  const tasks = reruns.flatMap(({ id, plan }) =>
    plan.map((task, ordinal) => ({
      id,
      ordinal,
      action: task.action,
      reusedFrom: task.reason.kind === "succeeded" ? task.reason.run : null,
    })),
  );
  const result = await client.query<{ runId: string }>(
    `with r as (
       select * from unnest($1::bigint[], $2::bigint[], $3::int[], $4::bool[])
         as r(id, revision_id, priority, held)),
     plan as (
       select * from unnest($5::bigint[], $6::int[], $7::text[], $8::bigint[])
         as p(run_id, ordinal, action, reused_from)),
     open as (
       select r.id as run_id, e.child as ordinal, count(*) filter (where p.action = 'run') as pending,
              bool_or(p.action = 'skip') as after_skip
         from r join revision_edge e on e.revision_id = r.revision_id
         join plan p on p.run_id = r.id and p.ordinal = e.parent
        group by r.id, e.child),
     t as (
       insert into task_run (run_id, ordinal, revision_id, state, pending, gated, leaf, lane, priority,
              ready_at, finished_at, reused_from_run_id)
       select s.run_id, s.ordinal, s.revision_id, s.state::task_state, s.pending, s.gated, s.leaf, s.lane,
              s.priority,
              case when s.state = 'ready' then now() end,
              case when s.state in ('reused', 'skipped') then now() end, s.reused_from
         from (
           select r.id as run_id, r.revision_id, rt.ordinal, rt.leaf, rt.lane,
                  rt.priority + r.priority as priority, p.reused_from,
                  (case when p.action = 'run' and r.held then greatest(coalesce(o.pending, 0), 1)
                        else coalesce(o.pending, 0) end)::int as pending,
                  rt.gated or coalesce(o.after_skip, false) as gated,
                  case when p.action = 'reuse' then 'reused'
                       when p.action = 'skip' then 'skipped'
                       when coalesce(o.pending, 0) = 0 and not rt.gated and not r.held
                            and not coalesce(o.after_skip, false) then 'ready'
                       else 'waiting' end as state
             from r join revision_task rt on rt.revision_id = r.revision_id
             join plan p on p.run_id = r.id and p.ordinal = rt.ordinal
             left join open o on o.run_id = r.id and o.ordinal = rt.ordinal) s
       returning run_id, leaf, state, pending = 0 and gated and state = 'waiting' as undecided),
     u as (
       update run set open_leaves = o.n
         from (select run_id, count(*) filter (where leaf and state in ('waiting', 'ready')) as n
                 from t group by run_id) o
        where run.id = o.run_id)
     select distinct run_id as "runId" from t where undecided`,
    [
      reruns.map((run) => run.id),
      reruns.map((run) => run.revisionId),
      reruns.map((run) => run.priority),
      reruns.map((run) => run.held),
      tasks.map((task) => task.id),
      tasks.map((task) => task.ordinal),
      tasks.map((task) => task.action),
      tasks.map((task) => task.reusedFrom),
    ],
  );
  return result.rows.map(({ runId }) => runId);
}

export interface NewRunEvent {
  runId: string;
  actor: string;
  verb: string;
  detail: Record<string, unknown>;
}

export async function insertRunEvents(
  client: PoolClient,
  events: readonly NewRunEvent[],
): Promise<void> {
  await client.query(
    `insert into run_event (run_id, actor, verb, detail)
     select run_id, actor, verb, detail::jsonb
       from unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) with ordinality
            as e(run_id, actor, verb, detail, n) order by n`,
    [
      events.map((event) => event.runId),
      events.map((event) => event.actor),
      events.map((event) => event.verb),
      events.map((event) => JSON.stringify(event.detail)),
    ],
  );
}

export interface RunSourceRow {
  id: string;
  flowId: string;
  revisionId: string;
  revisionNumber: number;
  revisionHash: string;
  identity: string;
  manifestText: string;
  params: Record<string, Json>;
  /** Those of its parameters, when one of them hides values; else null. */
  schemas: ParamSchemas | null;
  intervalStart: Date | null;
  intervalEnd: Date | null;
  timezone: string;
  state: string;
  /** The backfill that it works off a row of. */
  backfill: string | null;
}

/** Runs with all that reruns of them are made from, by id; those that are not there are absent. */
export async function findRunSources(
  sql: Queryable,
  ids: readonly string[],
): Promise<Map<string, RunSourceRow>> {
  const result = await sql.query<RunSourceRow>(
    `select r.id, r.flow_id as "flowId", r.revision_id as "revisionId", v.number as "revisionNumber",
            v.hash as "revisionHash", r.identity, m.text as "manifestText", r.params,
            ${hidingSchemas("v")} as schemas,
            r.interval_start as "intervalStart", r.interval_end as "intervalEnd", r.timezone, r.state,
            r.backfill_id as backfill
       from run r join revision v on v.id = r.revision_id join manifest m on m.identity = r.identity
      where r.id = any($1::bigint[])`,
    [ids],
  );
  return new Map(result.rows.map((row) => [row.id, row]));
}

/** One of `findRunSources`. */
export async function findRunSource(sql: Queryable, id: string): Promise<RunSourceRow | null> {
  return (await findRunSources(sql, [id])).get(id) ?? null;
}

export interface RerunTaskRow {
  id: string;
  ordinal: number;
  state: TaskState;
  reusedFrom: string | null;
}

/** How the tasks of runs ended, by run, each by ordinal. */
export async function listRerunTasks(
  sql: Queryable,
  runIds: readonly string[],
): Promise<Map<string, RerunTaskRow[]>> {
  const result = await sql.query<RerunTaskRow & { run: string }>(
    `select t.run_id as run, rt.task_id as id, t.ordinal, ${shownState} as state,
            t.reused_from_run_id as "reusedFrom"
       from task_run t
       join revision_task rt on rt.revision_id = t.revision_id and rt.ordinal = t.ordinal
      where t.run_id = any($1::bigint[]) order by t.run_id, t.ordinal`,
    [runIds],
  );
  const tasks = new Map<string, RerunTaskRow[]>(runIds.map((id) => [id, []]));
  for (const { run, ...task } of result.rows) tasks.get(run)?.push(task);
  return tasks;
}
