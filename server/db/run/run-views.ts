import { hideWriteOnly, type ParamSchemas } from "#server/core/flow/params/write-only.ts";
import type { Json } from "#server/core/flow/spec.ts";
import type { RunState, RunTrigger, TaskState, TaskStateCounts } from "#server/core/run/states.ts";
import type { FirstError, RunFilter, RunSummary } from "#server/core/run/view.ts";
import { hidingSchemas } from "../flow/hidden-params.ts";
import { intervalOf, iso, type Queryable } from "../sql.ts";
import { shownState } from "./fan-out.ts";

interface SummaryRow {
  id: string;
  flow: string;
  flowName: string | null;
  revision: number;
  identity: string;
  state: RunState;
  trigger: RunTrigger;
  params: Record<string, Json>;
  schemas: ParamSchemas | null;
  intervalStart: Date | null;
  intervalEnd: Date | null;
  timezone: string;
  parent: string | null;
  backfill: string | null;
  rerunScope: string | null;
  createdBy: string;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  firstError: FirstError | null;
  recovered: boolean;
}

const summaryColumns = `r.id, r.flow_id as flow, f.name as "flowName", v.number as revision, r.identity,
  r.state, r.trigger, r.params, r.interval_start as "intervalStart", r.interval_end as "intervalEnd",
  r.timezone, r.parent_id as parent, r.backfill_id as backfill,
  r.rerun_scope as "rerunScope", r.created_by as "createdBy",
  r.created_at as "createdAt", r.started_at as "startedAt", r.finished_at as "finishedAt",
  r.first_error as "firstError", r.recovered, ${hidingSchemas("v")} as schemas`;

/** The page is picked from `run` alone, by index, before anything is joined to it. */
const summaryQuery = (page: string) => `select ${summaryColumns}
  from (${page}) r join flow f on f.id = r.flow_id join revision v on v.id = r.revision_id
  order by r.id desc`;

function toSummary(row: SummaryRow, counts: TaskStateCounts): RunSummary {
  const { intervalStart, intervalEnd, schemas, ...rest } = row;
  return {
    ...rest,
    params: hideWriteOnly(schemas, row.params),
    interval: intervalOf(intervalStart, intervalEnd),
    createdAt: row.createdAt.toISOString(),
    startedAt: iso(row.startedAt),
    finishedAt: iso(row.finishedAt),
    taskCounts: counts,
  };
}

/** Number of task runs by state for each run. */
export async function countTasks(
  sql: Queryable,
  runIds: readonly string[],
): Promise<Map<string, TaskStateCounts>> {
  const counts = new Map<string, TaskStateCounts>();
  if (runIds.length === 0) return counts;
  const result = await sql.query<{ runId: string; state: TaskState; n: number }>({
    name: "count tasks",
    text: `select run_id as "runId", ${shownState} as state, count(*)::int as n from task_run t
      where run_id = any($1::bigint[]) and item_of is null group by run_id, 2`,
    values: [runIds],
  });
  for (const { runId, state, n } of result.rows) {
    counts.set(runId, { ...counts.get(runId), [state]: n });
  }
  return counts;
}

async function withCounts(sql: Queryable, rows: readonly SummaryRow[]): Promise<RunSummary[]> {
  const counts = await countTasks(
    sql,
    rows.map((row) => row.id),
  );
  return rows.map((row) => toSummary(row, counts.get(row.id) ?? {}));
}

/** WHERE clauses of a filter over `run`; values are appended to `values`. */
export function conditionsOf(filter: RunFilter, values: unknown[]): string[] {
  const conditions: string[] = [];
  const add = (value: unknown, clause: (place: string) => string) => {
    values.push(value);
    conditions.push(clause(`$${values.length}`));
  };
  if (filter.flow !== undefined) add(filter.flow, (p) => `flow_id = ${p}`);
  if (filter.state !== undefined) add(filter.state, (p) => `state = any(${p}::run_state[])`);
  if (filter.trigger !== undefined)
    add(filter.trigger, (p) => `trigger = any(${p}::run_trigger[])`);
  if (filter.intervalFrom !== undefined) add(filter.intervalFrom, (p) => `interval_start >= ${p}`);
  if (filter.intervalTo !== undefined) add(filter.intervalTo, (p) => `interval_start < ${p}`);
  if (filter.params !== undefined)
    add(JSON.stringify(filter.params), (p) => `params @> ${p}::jsonb`);
  if (filter.identity !== undefined) add(filter.identity, (p) => `identity = ${p}`);
  if (filter.parent !== undefined) add(filter.parent, (p) => `parent_id = ${p}`);
  if (filter.backfill !== undefined) add(filter.backfill, (p) => `backfill_id = ${p}`);
  return conditions;
}

const where = (conditions: readonly string[]) =>
  conditions.length === 0 ? "" : `where ${conditions.join(" and ")}`;

/**
 * Runs that match, newest first.
 * @param before only runs older than this id (exclusive)
 */
export async function listRuns(
  sql: Queryable,
  filter: RunFilter,
  before: string | null,
  limit: number,
): Promise<RunSummary[]> {
  const values: unknown[] = [];
  const conditions = conditionsOf(filter, values);
  if (before !== null) {
    values.push(before);
    conditions.push(`id < $${values.length}`);
  }
  values.push(limit);
  const page = `select * from run ${where(conditions)} order by id desc limit $${values.length}`;
  const result = await sql.query<SummaryRow>(summaryQuery(page), values);
  return withCounts(sql, result.rows);
}

/** How many matching runs are newer than `after`, counted up to `limit`. */
export async function countRunsSince(
  sql: Queryable,
  filter: RunFilter,
  after: string,
  limit: number,
): Promise<number> {
  const values: unknown[] = [];
  const conditions = conditionsOf(filter, values);
  values.push(after);
  conditions.push(`id > $${values.length}`);
  values.push(limit);
  const result = await sql.query<{ n: number }>(
    `select count(*)::int as n from (select 1 from run ${where(conditions)} limit $${values.length}) q`,
    values,
  );
  return result.rows[0]?.n ?? 0;
}

export async function findRuns(sql: Queryable, ids: readonly string[]): Promise<RunSummary[]> {
  const page = "select * from run where id = any($1::bigint[])";
  const result = await sql.query<SummaryRow>({
    name: "find runs",
    text: summaryQuery(page),
    values: [ids],
  });
  return withCounts(sql, result.rows);
}

/** Failures are looked for among the newest failed runs only, so that a long history costs nothing. */
const recentFailures = `select * from (select * from run where state = 'failed' order by id desc limit 1000) q
   where finished_at > now() - interval '24 hours'`;

/** Runs that failed in the last 24 hours, newest first, and how many there are up to 1,000. */
export async function listRecentFailures(
  sql: Queryable,
  limit: number,
): Promise<{ runs: RunSummary[]; count: number }> {
  const page = `${recentFailures} order by id desc limit $1`;
  const result = await sql.query<SummaryRow>(summaryQuery(page), [limit]);
  const count = await sql.query<{ n: number }>(
    `select count(*)::int as n from (${recentFailures}) failures`,
  );
  return { runs: await withCounts(sql, result.rows), count: count.rows[0]?.n ?? 0 };
}

/** Runs that run and runs that are queued, each counted up to `limit`. */
export async function countActiveRuns(
  sql: Queryable,
  limit: number,
): Promise<{ running: number; queued: number }> {
  const upTo = (state: RunState) =>
    `(select count(*)::int from (select from run where state = '${state}' limit $1) q)`;
  const result = await sql.query<{ running: number; queued: number }>(
    `select ${upTo("running")} as running, ${upTo("queued")} as queued`,
    [limit],
  );
  const row = result.rows[0];
  if (row === undefined) throw new Error("an aggregate without a row");
  return row;
}

/** The newest runs of each flow, at most `limit` of each, newest first. */
export async function listLastRuns(
  sql: Queryable,
  flowIds: readonly string[],
  limit: number,
): Promise<
  Map<string, { id: string; state: RunState; createdAt: string; durationMs: number | null }[]>
> {
  const result = await sql.query<{
    flow: string;
    id: string;
    state: RunState;
    createdAt: Date;
    durationMs: number | null;
  }>(
    `select f.id as flow, r.id, r.state, r.created_at as "createdAt",
            (extract(epoch from r.finished_at - r.started_at) * 1000)::float8 as "durationMs"
       from unnest($1::text[]) f(id),
            lateral (select * from run where flow_id = f.id order by id desc limit $2) r
      order by r.id desc`,
    [flowIds, limit],
  );
  const runs = new Map<
    string,
    { id: string; state: RunState; createdAt: string; durationMs: number | null }[]
  >();
  for (const { flow, createdAt, ...row } of result.rows) {
    const list = runs.get(flow) ?? [];
    list.push({ ...row, createdAt: createdAt.toISOString() });
    runs.set(flow, list);
  }
  return runs;
}
