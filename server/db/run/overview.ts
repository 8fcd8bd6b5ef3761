import { iso, type Queryable } from "../sql.ts";

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
