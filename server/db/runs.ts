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
  idempotencyKey: string;
  /** SHA-256 of the request, so that a key is not used twice for different ones. */
  requestHash: string;
  parent?: { id: string; scope: string; planHash: string; certificate: Certificate };
  reason?: string;
}

export type InsertedRun =
  | { created: true; id: string }
  | { created: false; id: string; requestHash: string | null };

/**
 * Inserts the manifest and the run. Safe to race: of several inserts with one idempotency key one
 * creates the run and the others get its id.
 */
export async function insertRun(client: PoolClient, run: NewRun): Promise<InsertedRun> {
  const result = await client.query<{ id: string }>(
    `with m as (insert into manifest (identity, text) values ($1, $2) on conflict (identity) do nothing)
     insert into run (flow_id, revision_id, identity, params, interval_start, interval_end, timezone,
        trigger, parent_id, rerun_scope, plan_hash, certificate, reason, created_by, idempotency_key,
        request_hash, open_leaves)
     values ($3, $4, $1, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 0)
     on conflict (idempotency_key) do nothing
     returning id`,
    [
      run.manifest.identity,
      run.manifest.text,
      run.flowId,
      run.revisionId,
      JSON.stringify(run.params),
      run.interval?.start ?? null,
      run.interval?.end ?? null,
      run.timezone,
      run.trigger,
      run.parent?.id ?? null,
      run.parent?.scope ?? null,
      run.parent?.planHash ?? null,
      run.parent === undefined ? null : JSON.stringify(run.parent.certificate),
      run.reason ?? null,
      run.createdBy,
      run.idempotencyKey,
      run.requestHash,
    ],
  );
  const created = result.rows[0];
  if (created !== undefined) return { created: true, id: created.id };
  const known = await client.query<{ id: string; requestHash: string | null }>(
    `select id, request_hash as "requestHash" from run where idempotency_key = $1`,
    [run.idempotencyKey],
  );
  const existing = known.rows[0];
  if (existing === undefined) throw new Error("the run of this idempotency key vanished");
  return { created: false, ...existing };
}

/**
 * Creates the task runs of a new run: roots ready, all others waiting.
 * @returns whether some task needs a decision at once (a condition on a task without needs)
 */
export async function insertTaskRuns(
  client: PoolClient,
  runId: string,
  revisionId: string,
): Promise<{ undecided: boolean }> {
  const result = await client.query<{ undecided: boolean | null }>(
    `with t as (
       insert into task_run (run_id, ordinal, revision_id, state, pending, gated, leaf, ready_at)
       select $1, ordinal, revision_id,
              (case when needs = 0 and not gated then 'ready' else 'waiting' end)::task_state,
              needs, gated, leaf, case when needs = 0 and not gated then now() end
         from revision_task where revision_id = $2
       returning leaf, pending = 0 and gated as undecided),
     r as (update run set open_leaves = (select count(*) from t where leaf) where id = $1)
     select bool_or(undecided) as undecided from t`,
    [runId, revisionId],
  );
  return { undecided: result.rows[0]?.undecided === true };
}

/**
 * Creates the task runs of a rerun by its plan. Reused tasks point to the run that really executed
 * them; a task after a skipped one is gated, so that its condition is looked at again.
 * @param plan by ordinal
 */
export async function insertRerunTaskRuns(
  client: PoolClient,
  runId: string,
  revisionId: string,
  plan: readonly RerunPlanTask[],
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
       insert into task_run (run_id, ordinal, revision_id, state, pending, gated, leaf, ready_at,
              finished_at, reused_from_run_id)
       select $1, s.ordinal, $2, s.state::task_state, s.pending, s.gated, s.leaf,
              case when s.state = 'ready' then now() end,
              case when s.state in ('reused', 'skipped') then now() end, s.reused_from
         from (
           select rt.ordinal, rt.leaf, p.reused_from, coalesce(o.pending, 0)::int as pending,
                  rt.gated or coalesce(o.after_skip, false) as gated,
                  case when p.action = 'reuse' then 'reused'
                       when p.action = 'skip' then 'skipped'
                       when coalesce(o.pending, 0) = 0 and not rt.gated
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
    ],
  );
  return { undecided: result.rows[0]?.undecided === true };
}

export async function insertRunEvent(
  client: PoolClient,
  runId: string,
  actor: string,
  verb: string,
  detail: Record<string, unknown>,
): Promise<void> {
  await client.query(
    "insert into run_event (run_id, actor, verb, detail) values ($1, $2, $3, $4)",
    [runId, actor, verb, JSON.stringify(detail)],
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
