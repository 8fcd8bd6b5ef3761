/** How long task runs of a flow waited and worked: bounded by runs and by task runs of each. */
import type { Queryable } from "../sql.ts";

export interface SizeBounds {
  /** Newest runs looked at. */
  runs: number;
  /** Task runs of one run looked at. */
  taskRuns: number;
  days: number;
}

export interface SizeRow {
  task: string;
  type: string;
  /** Whether the task is executed over a list. */
  isList: boolean;
  run: string;
  taskRuns: number;
  waitMs: number;
  busyMs: number;
  /** What the quickest tenth of them took. */
  quickMs: number;
  firstReady: Date;
  lastEnd: Date;
}

/** Task runs that succeeded at the first attempt, summed up by run and task, of the given types. */
export async function readSizes(
  sql: Queryable,
  flow: string,
  types: readonly string[],
  bounds: SizeBounds,
): Promise<SizeRow[]> {
  const result = await sql.query<SizeRow>(
    `with recent as materialized (
       select id, revision_id from run
        where flow_id = $1 and created_at >= now() - $3 * interval '1 day' and state = 'succeeded'
        order by id desc limit $2)
     select rt.task_id as task, rt.type, bool_or(t.item_of is not null) as "isList", r.id as run,
            count(*)::int as "taskRuns",
            sum(extract(epoch from t.started_at - t.ready_at) * 1000)::float8 as "waitMs",
            sum(extract(epoch from t.finished_at - t.started_at) * 1000)::float8 as "busyMs",
            percentile_cont(0.1) within group
              (order by extract(epoch from t.finished_at - t.started_at) * 1000)::float8 as "quickMs",
            min(t.ready_at) as "firstReady", max(t.finished_at) as "lastEnd"
       from recent r
       join lateral (
         select ordinal, item_of, ready_at, started_at, finished_at from task_run
          where run_id = r.id and state = 'succeeded' and attempt = 1 and items is null
            and ready_at is not null and started_at is not null
          limit $4) t on true
       join revision_task rt
         on rt.revision_id = r.revision_id and rt.ordinal = coalesce(t.item_of, t.ordinal)
      where rt.type = any($5::text[])
      group by rt.task_id, rt.type, r.id`,
    [flow, bounds.runs, bounds.days, bounds.taskRuns, types],
  );
  return result.rows;
}

/**
 * What an attempt of each type takes at least on these machines: the time that a tenth of the newest
 * ones over all flows stay below, in milliseconds.
 */
export async function readStartUps(
  sql: Queryable,
  types: readonly string[],
  runs: number,
): Promise<Map<string, number>> {
  const result = await sql.query<{ type: string; ms: number }>(
    `with recent as materialized (select id, revision_id from run order by id desc limit $1)
     select rt.type,
            percentile_cont(0.1) within group
              (order by extract(epoch from t.finished_at - t.started_at) * 1000)::float8 as ms
       from recent r
       join lateral (
         select coalesce(item_of, ordinal) as ordinal, started_at, finished_at from task_run
          where run_id = r.id and state = 'succeeded' and attempt = 1 and items is null
            and started_at is not null
          limit 200) t on true
       join revision_task rt on rt.revision_id = r.revision_id and rt.ordinal = t.ordinal
      where rt.type = any($2::text[])
      group by rt.type`,
    [runs, types],
  );
  return new Map(result.rows.map(({ type, ms }) => [type, ms]));
}
