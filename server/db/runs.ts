import type { PoolClient } from "pg";
import type { Json } from "#server/core/flow/spec.ts";
import type { RunTrigger } from "#server/core/run/states.ts";
import type { Certificate, IntervalView, RerunPlanTask } from "#server/core/run/view.ts";
import type { Queryable } from "./sql.ts";

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

/** One run of `insertRuns`. */
export async function insertRun(client: PoolClient, run: NewRun): Promise<InsertedRun> {
  const [inserted] = await insertRuns(client, [run]);
  if (inserted === undefined) throw new Error("an insert without a result");
  return inserted;
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

/**
 * Creates the task runs of a rerun by its plan. Reused tasks point to the run that really executed
 * them; a task after a skipped one is gated, so that its condition is looked at again.
 * @param plan by ordinal
 * @param held whether the first tasks wait for `releaseRun`
 */
export async function insertRerunTaskRuns(
  client: PoolClient,
  runId: string,
  revisionId: string,
  plan: readonly RerunPlanTask[],
  priority: number,
  held: boolean,
): Promise<{ undecided: boolean }> {
  const reusedFrom = plan.map((task) =>
    task.reason.kind === "succeeded" ? task.reason.run : null,
  );
  const result = await client.query<{ undecided: boolean | null }>(
    `with plan as (
       select * from unnest($3::int[], $4::text[], $5::bigint[]) as p(ordinal, action, reused_from)),
     open as (
       select e.child as ordinal, count(*) filter (where p.action = 'run') as pending,
              bool_or(p.action = 'skip') as after_skip
         from revision_edge e join plan p on p.ordinal = e.parent
        where e.revision_id = $2 group by e.child),
     t as (
       insert into task_run (run_id, ordinal, revision_id, state, pending, gated, leaf, lane, priority,
              ready_at, finished_at, reused_from_run_id)
       select $1, s.ordinal, $2, s.state::task_state, s.pending, s.gated, s.leaf, s.lane, s.priority + $6::int,
              case when s.state = 'ready' then now() end,
              case when s.state in ('reused', 'skipped') then now() end, s.reused_from
         from (
           select rt.ordinal, rt.leaf, rt.lane, rt.priority, p.reused_from,
                  (case when p.action = 'run' and $7 then greatest(coalesce(o.pending, 0), 1)
                        else coalesce(o.pending, 0) end)::int as pending,
                  rt.gated or coalesce(o.after_skip, false) as gated,
                  case when p.action = 'reuse' then 'reused'
                       when p.action = 'skip' then 'skipped'
                       when coalesce(o.pending, 0) = 0 and not rt.gated and not $7
                            and not coalesce(o.after_skip, false) then 'ready'
                       else 'waiting' end as state
             from revision_task rt
             join plan p on p.ordinal = rt.ordinal
             left join open o on o.ordinal = rt.ordinal
            where rt.revision_id = $2) s
       returning leaf, state, pending = 0 and gated and state = 'waiting' as undecided),
     r as (update run set open_leaves = (select count(*) from t where leaf and state in ('waiting', 'ready'))
            where id = $1)
     select bool_or(undecided) as undecided from t`,
    [
      runId,
      revisionId,
      plan.map((_, ordinal) => ordinal),
      plan.map((task) => task.action),
      reusedFrom,
      priority,
      held,
    ],
  );
  return { undecided: result.rows[0]?.undecided === true };
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
  intervalStart: Date | null;
  intervalEnd: Date | null;
  timezone: string;
  state: string;
}

/** A run with all that a rerun of it is made from. */
export async function findRunSource(sql: Queryable, id: string): Promise<RunSourceRow | null> {
  const result = await sql.query<RunSourceRow>(
    `select r.id, r.flow_id as "flowId", r.revision_id as "revisionId", v.number as "revisionNumber",
            v.hash as "revisionHash", r.identity, m.text as "manifestText", r.params,
            r.interval_start as "intervalStart", r.interval_end as "intervalEnd", r.timezone, r.state
       from run r join revision v on v.id = r.revision_id join manifest m on m.identity = r.identity
      where r.id = $1`,
    [id],
  );
  return result.rows[0] ?? null;
}
