import type { RunState } from "#server/core/run/states.ts";
import { iso, type Queryable } from "../sql.ts";
import { paramsAgree } from "./params-agree.ts";

export interface QueueCounts {
  ready: number;
  running: number;
  retryWait: number;
  oldestReadyAt: string | null;
  runCount24h: number;
  now: string;
}

/** Depth of the queue by partial indexes, so that history does not slow it down. */
export async function readQueue(sql: Queryable): Promise<QueueCounts> {
  const result = await sql.query<{
    ready: number;
    running: number;
    retryWait: number;
    oldestReadyAt: Date | null;
    runCount24h: number;
    now: Date;
  }>(
    `select (select count(*)::int from task_run where state = 'ready') as ready,
            (select count(*)::int from task_run where state = 'running') as running,
            (select count(*)::int from task_run where state = 'retry_wait') as "retryWait",
            (select min(ready_at) from task_run where state = 'ready') as "oldestReadyAt",
            (select count(*)::int from (select created_at from run order by id desc limit 10000) q
              where created_at > now() - interval '24 hours') as "runCount24h",
            clock_timestamp() as now`,
  );
  const row = result.rows[0];
  if (row === undefined) throw new Error("an aggregate without a row");
  return { ...row, oldestReadyAt: iso(row.oldestReadyAt), now: row.now.toISOString() };
}

/** Most later runs of a flow that are looked at for one that did the same as a run without interval. */
const LATER = 1_000;

/**
 * For each of the runs, the newest one after it that was to do the same: of the same flow for the same
 * interval with parameters that agree or, without an interval, of the same identity. Runs that nothing
 * follows are missing.
 */
export async function findFollowers(
  sql: Queryable,
  ids: readonly string[],
): Promise<Map<string, { id: string; state: RunState }>> {
  const result = await sql.query<{ run: string; id: string; state: RunState }>(
    `select r.id as run, f.id, f.state
       from run r, lateral (
         (select o.id, o.state from run o
           where o.flow_id = r.flow_id and o.interval_start = r.interval_start
             and o.interval_end = r.interval_end and o.id > r.id
             and ${paramsAgree("o.params", "r.params")})
         union all
         (select id, state
            from (select id, state, identity from run
                   where r.interval_start is null and flow_id = r.flow_id and id > r.id
                   order by id limit ${LATER}) later
           where identity = r.identity)
         order by id desc limit 1) f
      where r.id = any($1::bigint[])`,
    [ids],
  );
  return new Map(result.rows.map(({ run, id, state }) => [run, { id, state }]));
}
