/** Backfills and their ledgers: planning, starting, and what people ask of them. */
import type { PoolClient } from "pg";
import type { LatestRun, PlannedRow } from "../../core/backfill/plan.ts";
import type { BackfillRequest } from "../../core/backfill/request.ts";
import type { BackfillState } from "../../core/backfill/states.ts";
import type { BackfillPause } from "../../core/backfill/view.ts";
import type { Json } from "../../core/flow/spec.ts";
import type { RunState } from "../../core/run/states.ts";
import type { Span } from "../../core/schedule/ticks.ts";
import { paramsAgree } from "../run/params-agree.ts";
import type { Queryable } from "../sql.ts";

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
  range: Span,
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
        and ${paramsAgree("r.params", "$4::jsonb")}
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

/** A backfill as a step of its window needs it. */
export interface OpenBackfill extends BackfillHead {
  revisionHash: string;
  params: Record<string, Json>;
  timezone: string;
  archived: boolean;
  version: string;
  /** Database time, ISO 8601. */
  now: string;
}

/**
 * Reads an open backfill and keeps everybody else from changing it until the transaction ends.
 * @returns null when it is not open, or somebody else is changing it
 */
export async function tryLockBackfill(
  client: PoolClient,
  id: string,
): Promise<OpenBackfill | null> {
  const result = await client.query<Omit<OpenBackfill, "now"> & { now: Date }>({
    name: "lock backfill",
    text: `select ${HEAD}, params, timezone, version, clock_timestamp() as now,
              (select hash from revision v where v.id = revision_id) as "revisionHash",
              (select archived_at is not null from flow f where f.id = flow_id) as archived
         from backfill where id = $1 and state in ('running', 'paused', 'cancelling')
          for no key update skip locked`,
    values: [id],
  });
  const [row] = result.rows;
  return row === undefined ? null : { ...row, now: row.now.toISOString() };
}

/**
 * The backfill that an idempotency key started; null when there is none, and then nobody else can
 * start one with it until the transaction ends.
 */
export async function findStartedWith(
  client: PoolClient,
  key: string,
): Promise<{ id: string; requestHash: string | null } | null> {
  const lock =
    "select pg_advisory_xact_lock(hashtextextended('idem backfill key ' || $1::text, 0))";
  await client.query(lock, [key]);
  const result = await client.query<{ id: string; requestHash: string | null }>(
    `select id, request_hash as "requestHash" from backfill where idempotency_key = $1`,
    [key],
  );
  return result.rows[0] ?? null;
}

export interface BackfillStart {
  actor: string;
  reason: string | null;
  idempotencyKey: string;
  requestHash: string;
}

/** A plan is confirmed. The caller holds its lock. */
export async function markBackfillStarted(
  client: PoolClient,
  id: string,
  start: BackfillStart,
): Promise<void> {
  await client.query(
    `update backfill
        set state = 'running', started_at = clock_timestamp(), created_by = $2, reason = $3,
            idempotency_key = $4, request_hash = $5, version = version + 1
      where id = $1`,
    [id, start.actor, start.reason, start.idempotencyKey, start.requestHash],
  );
}

/** Pauses a backfill for a person. The caller holds its lock. */
export async function pauseFor(client: PoolClient, id: string, by: string): Promise<void> {
  await client.query(
    `update backfill
        set state = 'paused', version = version + 1,
            pause = json_build_object('kind', 'person', 'by', $2::text, 'at',
              to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
      where id = $1`,
    [id, by],
  );
}

/**
 * Lets a paused backfill go on. What paused it does not at once pause it again: failures until now
 * are forgiven, and first rows that did not succeed hold nothing back any more.
 */
export async function goOn(
  client: PoolClient,
  id: string,
  { pastCanary }: { pastCanary: boolean },
): Promise<void> {
  await client.query(
    `update backfill
        set state = 'running', pause = null, version = version + 1,
            forgiven = (select count(*) from backfill_row where backfill_id = $1 and state = 'failed'),
            canary = case when $2 then 0 else canary end
      where id = $1`,
    [id, pastCanary],
  );
}

export async function changeConcurrency(
  client: PoolClient,
  id: string,
  concurrency: number,
): Promise<void> {
  await client.query("update backfill set concurrency = $2, version = version + 1 where id = $1", [
    id,
    concurrency,
  ]);
}

/**
 * Starts nothing more of a backfill: what waits is cancelled at once.
 * @param cancelRunning whether the engine cancels its runs as well
 * @returns how many rows had not been started
 */
export async function stopBackfill(
  client: PoolClient,
  id: string,
  cancelRunning: boolean,
): Promise<number> {
  await client.query(
    `update backfill
        set state = 'cancelling', pause = null, version = version + 1,
            cancel_running = cancel_running or $2
      where id = $1`,
    [id, cancelRunning],
  );
  const rows = await client.query(
    `update backfill_row w
        set state = 'cancelled', ended_at = clock_timestamp(), version = b.version
       from backfill b
      where b.id = $1 and w.backfill_id = b.id and w.state = 'waiting'`,
    [id],
  );
  return rows.rowCount ?? 0;
}

/**
 * Puts rows whose run failed or was cancelled back into the queue of the window. A backfill that
 * ended, or was paused because of them, goes on; one that a person paused stays paused.
 * @returns how many rows
 */
export async function retryFailedRows(
  client: PoolClient,
  id: string,
  { actor, reason }: { actor: string; reason: string | null },
): Promise<number> {
  await client.query(
    `update backfill
        set retry_by = $2, retry_reason = $3, forgiven = 0, finished_at = null,
            version = version + 1,
            pause = case when state = 'paused' and pause ->> 'kind' = 'person' then pause end,
            state = (case when state = 'paused' and pause ->> 'kind' = 'person' then 'paused'
                          else 'running' end)::backfill_state
      where id = $1`,
    [id, actor, reason],
  );
  const rows = await client.query(
    `update backfill_row w
        set state = 'waiting', ended_at = null, problem = null, version = b.version
       from backfill b
      where b.id = $1 and w.backfill_id = b.id and w.state in ('failed', 'cancelled')
        and w.run_id is not null`,
    [id],
  );
  return rows.rowCount ?? 0;
}

export interface NewBackfillEvent {
  id: string;
  actor: string;
  verb: string;
  detail: Record<string, unknown>;
}

export async function insertBackfillEvents(
  client: PoolClient,
  events: readonly NewBackfillEvent[],
): Promise<void> {
  await client.query(
    `insert into backfill_event (backfill_id, actor, verb, detail)
     select id, actor, verb, detail::jsonb
       from unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) with ordinality
            as e(id, actor, verb, detail, n) order by n`,
    [
      events.map((event) => event.id),
      events.map((event) => event.actor),
      events.map((event) => event.verb),
      events.map((event) => JSON.stringify(event.detail)),
    ],
  );
}
