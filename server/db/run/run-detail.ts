import type { FlowSpec, Json, SourceFormat } from "#server/core/flow/spec.ts";
import type { AttemptError, AttemptView } from "#server/core/run/attempt-view.ts";
import type { Certificate } from "#server/core/run/rerun-view.ts";
import type { RunState, TaskState, TaskStateCounts } from "#server/core/run/states.ts";
import type { RunEventView, TaskRunView } from "#server/core/run/view.ts";
import { iso, type Queryable } from "../sql.ts";
import { itemCounts, shownState } from "./fan-out.ts";

export interface RunExtraRow {
  revisionId: string;
  revisionHash: string;
  sourceFormat: SourceFormat;
  spec: FlowSpec;
  certificate: Certificate | null;
  reason: string | null;
  cancelRequestedAt: Date | null;
  scheduleKey: string | null;
  tickAt: Date | null;
  held: boolean;
  changedFrom: string | null;
  caller: { run: string; flow: string; task: string } | null;
  now: Date;
}

/** What the page of one run shows beyond its row in a list. */
export async function findRunExtra(sql: Queryable, id: string): Promise<RunExtraRow | null> {
  const result = await sql.query<RunExtraRow>({
    name: "run extra",
    text: `select v.id as "revisionId", v.hash as "revisionHash", v.source_format as "sourceFormat", v.spec,
            r.certificate, r.reason, r.cancel_requested_at as "cancelRequestedAt",
            r.schedule_key as "scheduleKey", r.tick_at as "tickAt",
            r.held and r.finished_at is null as held, clock_timestamp() as now,
            case when r.trigger = 'changes' then (
              select e.detail ->> 'from' from run_event e where e.run_id = r.id and e.verb = 'started')
            end as "changedFrom",
            case when c.id is null then null
                 else json_build_object('run', c.id::text, 'flow', c.flow_id, 'task', r.caller_task)
            end as caller
       from run r join revision v on v.id = r.revision_id left join run c on c.id = r.caller_run_id
      where r.id = $1`,
    values: [id],
  });
  return result.rows[0] ?? null;
}

export async function listReruns(
  sql: Queryable,
  id: string,
): Promise<{ id: string; state: RunState; scope: string | null; createdAt: string }[]> {
  const result = await sql.query<{
    id: string;
    state: RunState;
    scope: string | null;
    createdAt: Date;
  }>({
    name: "reruns of a run",
    text: `select id, state, rerun_scope as scope, created_at as "createdAt" from run
      where parent_id = $1 order by id desc limit 50`,
    values: [id],
  });
  return result.rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }));
}

interface TaskRow {
  id: string;
  ordinal: number;
  type: string;
  state: TaskState;
  attempt: number;
  readyAt: Date | null;
  startedAt: Date | null;
  finishedAt: Date | null;
  notBefore: Date | null;
  reusedFrom: string | null;
  runner: string | null;
  items: TaskStateCounts | null;
}

/** The task runs of a run by ordinal; `ids` narrows them to some tasks. */
export async function listTaskRuns(
  sql: Queryable,
  runId: string,
  ids: readonly string[] | null = null,
): Promise<TaskRunView[]> {
  const result = await sql.query<TaskRow>({
    name: "task runs",
    text: `select rt.task_id as id, t.ordinal, rt.type, ${shownState} as state, t.attempt, t.ready_at as "readyAt",
            t.started_at as "startedAt", t.finished_at as "finishedAt", t.not_before as "notBefore",
            t.reused_from_run_id as "reusedFrom", t.runner_id as runner, ${itemCounts} as items
       from task_run t
       join revision_task rt on rt.revision_id = t.revision_id and rt.ordinal = t.ordinal
      where t.run_id = $1 and ($2::text[] is null or rt.task_id = any($2))
      order by t.ordinal`,
    values: [runId, ids],
  });
  return result.rows.map((row) => ({
    ...row,
    readyAt: iso(row.readyAt),
    startedAt: iso(row.startedAt),
    finishedAt: iso(row.finishedAt),
    notBefore: row.state === "retry_wait" ? iso(row.notBefore) : null,
    items: row.items === null ? null : { total: totalOf(row.items), counts: row.items },
  }));
}

function totalOf(counts: TaskStateCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/**
 * All attempts of a task run in order, the live one last. A reused task has none of its own: ask
 * for the run that executed it.
 */
export async function listAttempts(
  sql: Queryable,
  runId: string,
  ordinal: number,
): Promise<AttemptView[]> {
  const result = await sql.query<{
    attempt: number;
    state: AttemptView["state"];
    startedAt: Date;
    finishedAt: Date | null;
    runner: string | null;
    error: AttemptError | null;
  }>(
    `select attempt, state::text as state, started_at as "startedAt", finished_at as "finishedAt",
            runner_id as runner, error
       from attempt where run_id = $1 and ordinal = $2
      union all
     select attempt, 'running', started_at, null, runner_id, null
       from task_run where run_id = $1 and ordinal = $2 and state = 'running'
      order by attempt`,
    [runId, ordinal],
  );
  return result.rows.map((row) => ({
    ...row,
    startedAt: row.startedAt.toISOString(),
    finishedAt: iso(row.finishedAt),
  }));
}

/** Outputs of some tasks of a run by task id, followed to where a reused task really ran. */
export async function readOutputs(
  sql: Queryable,
  runId: string,
  ordinals: readonly number[],
): Promise<Map<number, Json>> {
  const result = await sql.query<{ ordinal: number; output: Json }>(
    `select t.ordinal, o.output from task_run t
       join task_output o on o.run_id = coalesce(t.reused_from_run_id, t.run_id) and o.ordinal = t.ordinal
      where t.run_id = $1 and t.ordinal = any($2::int[])`,
    [runId, ordinals],
  );
  return new Map(result.rows.map((row) => [row.ordinal, row.output]));
}

export async function listRunEvents(sql: Queryable, runId: string): Promise<RunEventView[]> {
  const result = await sql.query<{
    id: string;
    at: Date;
    actor: string;
    verb: string;
    detail: Json;
  }>("select id, at, actor, verb, detail from run_event where run_id = $1 order by id limit 500", [
    runId,
  ]);
  return result.rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}

/** States by run and ordinal, for the grid of a flow. */
export async function listGridStates(
  sql: Queryable,
  runIds: readonly string[],
): Promise<{ runId: string; taskId: string; type: string; ordinal: number; state: TaskState }[]> {
  const result = await sql.query<{
    runId: string;
    taskId: string;
    type: string;
    ordinal: number;
    state: TaskState;
  }>(
    `select t.run_id as "runId", rt.task_id as "taskId", rt.type, t.ordinal, ${shownState} as state
       from task_run t
       join revision_task rt on rt.revision_id = t.revision_id and rt.ordinal = t.ordinal
      where t.run_id = any($1::bigint[]) order by t.run_id desc, t.ordinal`,
    [runIds],
  );
  return result.rows;
}
