/** Backfills and their ledgers: planning, starting, and what people ask of them. */
import type { PoolClient } from "pg";
import type { LatestRun, PlannedRow } from "../core/backfill/plan.ts";
import type { BackfillRequest } from "../core/backfill/request.ts";
import type { BackfillState } from "../core/backfill/states.ts";
import type { BackfillPause } from "../core/backfill/view.ts";
import type { Json } from "../core/flow/spec.ts";
import type { RunState } from "../core/run/states.ts";
import type { Span } from "../core/schedule/ticks.ts";
import type { Queryable } from "./sql.ts";

/** Half-open, milliseconds since 1970. */
export interface SubjectRange {
  start: number;
  end: number;
}

export interface HistoryQuery {
  flowId: string;
  /** Tasks whose effects a new run would repeat and not replace. */
  guardedTasks: readonly string[];
}

/**
 * The runs that count for intervals of a flow: of each interval with a run, a live one before any
 * other, else the newest. A run with another value for one of the parameters does not count;
 * parameters that only one side knows are no difference.
 * @param range the starts of the intervals lie in it
 */
export async function findRunsOfIntervals(
  sql: Queryable,
  { flowId, guardedTasks }: HistoryQuery,
  range: SubjectRange,
  params: Record<string, Json>,
): Promise<(LatestRun & { span: Span })[]> {
  const result = await sql.query<LatestRow & { start: string; end: string }>(
    `select distinct on (r.interval_start, r.interval_end) r.id, r.state,
            extract(epoch from r.interval_start) * 1000 as start,
            extract(epoch from r.interval_end) * 1000 as end,
            bool_or(${succeededIn("$5")})
              over (partition by r.interval_start, r.interval_end) as guarded
       from run r
      where r.flow_id = $1 and r.interval_start >= to_timestamp($2::float8 / 1000)
        and r.interval_start < to_timestamp($3::float8 / 1000)
        and not exists (select from jsonb_each(r.params) p
                         where $4::jsonb ? p.key and $4::jsonb -> p.key <> p.value)
      order by r.interval_start, r.interval_end, r.finished_at is null desc, r.id desc`,
    [flowId, range.start, range.end, JSON.stringify(params), guardedTasks],
  );
  return result.rows.map(({ start, end, ...run }) => ({
    ...run,
    span: { start: Number(start), end: Number(end) },
  }));
}

/**
 * The runs that count for sets of parameters, by the place of the set; runs with an interval do not.
 * @param sets all parameters of each
 */
export async function findRunsOfSets(
  sql: Queryable,
  { flowId, guardedTasks }: HistoryQuery,
  sets: readonly Record<string, Json>[],
): Promise<Map<number, LatestRun>> {
  const result = await sql.query<LatestRow & { n: number }>(
    `select distinct on (s.n) s.n::int as n, r.id, r.state,
            bool_or(${succeededIn("$3")}) over (partition by s.n) as guarded
       from unnest($2::text[]) with ordinality as s(params, n)
       join run r on r.params = s.params::jsonb
      where r.flow_id = $1 and r.interval_start is null
      order by s.n, r.finished_at is null desc, r.id desc`,
    [flowId, sets.map((set) => JSON.stringify(set)), guardedTasks],
  );
  return new Map(result.rows.map(({ n, ...run }) => [n - 1, run]));
}

interface LatestRow {
  id: string;
  state: RunState;
  guarded: boolean;
}

/** Whether one of the tasks named by a parameter of the statement succeeded in run r. */
function succeededIn(tasks: string): string {
  return `(cardinality(${tasks}::text[]) > 0 and exists (
    select from task_run t
      join revision_task rt on rt.revision_id = t.revision_id and rt.ordinal = t.ordinal
     where t.run_id = r.id and t.state in ('succeeded', 'reused') and rt.task_id = any(${tasks})))`;
}

export interface NewBackfill {
  flowId: string;
  revisionId: string;
  request: BackfillRequest;
  planHash: string;
  createdBy: string;
}

/** Stores a plan that nobody has confirmed yet. */
export async function insertBackfill(
  client: PoolClient,
  plan: NewBackfill,
  rows: readonly PlannedRow[],
): Promise<string> {
  const { request } = plan;
  const result = await client.query<{ id: string }>(
    `insert into backfill (flow_id, revision_id, request, plan_hash, total, params, timezone,
            concurrency, canary, stop_after, created_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning id`,
    [
      plan.flowId,
      plan.revisionId,
      JSON.stringify(request),
      plan.planHash,
      rows.length,
      JSON.stringify(request.params),
      request.timezone,
      request.concurrency,
      request.canary ?? 0,
      request.stopAfter,
      plan.createdBy,
    ],
  );
  const id = result.rows[0]?.id;
  if (id === undefined) throw new Error("an insert without a result");
  await insertRows(client, id, rows);
  return id;
}

/** Puts another plan in the place of one that has not been started. */
export async function replacePlan(
  client: PoolClient,
  id: string,
  planHash: string,
  rows: readonly PlannedRow[],
): Promise<void> {
  await client.query("delete from backfill_row where backfill_id = $1", [id]);
  await client.query(
    "update backfill set plan_hash = $2, total = $3, version = version + 1 where id = $1",
    [id, planHash, rows.length],
  );
  await insertRows(client, id, rows);
}

async function insertRows(
  client: PoolClient,
  id: string,
  rows: readonly PlannedRow[],
): Promise<void> {
  const hasSpans = rows[0]?.span !== null;
  await client.query({
    name: "insert backfill rows",
    text: `with rows as (
       insert into backfill_row (backfill_id, ordinal, interval_start, interval_end, params, chosen,
              reason, reason_run_id, guarded, state)
       select $1, n - 1, to_timestamp(s / 1000), to_timestamp(e / 1000), p::jsonb, chosen, reason,
              reason_run_id, guarded,
              (case when chosen then 'waiting' else 'skipped' end)::backfill_row_state
         from unnest($2::float8[], $3::float8[], $4::text[], $5::bool[], $6::text[], $7::bigint[],
                $8::bool[]) with ordinality as r(s, e, p, chosen, reason, reason_run_id, guarded, n)
       returning interval_start, interval_end)
     update backfill set range_start = (select min(interval_start) from rows),
            range_end = (select max(interval_end) from rows)
      where id = $1`,
    values: [
      id,
      rows.map((row) => row.span?.start ?? null),
      rows.map((row) => row.span?.end ?? null),
      hasSpans ? rows.map(() => null) : rows.map((row) => JSON.stringify(row.params)),
      rows.map((row) => row.decision === "run"),
      rows.map((row) => row.reason.kind),
      rows.map((row) => row.reason.run),
      rows.map((row) => row.guarded),
    ],
  });
}

/** A backfill as decisions about it need it. */
export interface BackfillHead {
  id: string;
  flowId: string;
  revisionId: string;
  state: BackfillState;
  request: BackfillRequest;
  planHash: string;
  concurrency: number;
  canary: number;
  stopAfter: number | null;
  forgiven: number;
  reason: string | null;
  createdBy: string;
  idempotencyKey: string | null;
  requestHash: string | null;
  pause: BackfillPause | null;
  cancelRunning: boolean;
  retryReason: string | null;
  retryBy: string | null;
}

const HEAD = `id, flow_id as "flowId", revision_id as "revisionId", state, request,
  plan_hash as "planHash", concurrency, canary, stop_after as "stopAfter", forgiven, reason,
  created_by as "createdBy", idempotency_key as "idempotencyKey", request_hash as "requestHash",
  pause, cancel_running as "cancelRunning", retry_reason as "retryReason", retry_by as "retryBy"`;

/** Reads a backfill and keeps everybody else from changing it until the transaction ends. */
export async function lockBackfill(client: PoolClient, id: string): Promise<BackfillHead | null> {
  const result = await client.query<BackfillHead>(
    `select ${HEAD} from backfill where id = $1 for no key update`,
    [id],
  );
  return result.rows[0] ?? null;
}
