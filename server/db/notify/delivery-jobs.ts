/** The jobs of deliveries: rows of the job queue's own tables, which the process that delivers makes. */
import type { PoolClient } from "pg";
import type { Queryable } from "../sql.ts";

/** Longest a try may take. */
export const TRY_LIMIT_MS = 10_000;

/** Queues every delivery that waits and has no job: recorded before there was a queue. */
export async function enqueueWaiting(sql: Queryable): Promise<void> {
  await sql.query(
    `select graphile_worker.add_job('deliver', json_build_object('delivery', d.id::text),
              max_attempts := 8::smallint, job_key := 'delivery:' || d.id)
       from delivery d where d.state = 'waiting'
        and not exists (select from graphile_worker.jobs j where j.key = 'delivery:' || d.id)`,
  );
}

/**
 * Lets jobs go that a process held which is gone. What it was about to send may have gone out or not:
 * that is recorded as a try, and does not count as one of those after which a delivery is given up.
 * Only for the one that holds the jobs lock, within a transaction.
 */
export async function recoverJobs(client: PoolClient): Promise<void> {
  await client.query(
    `with held as (
       select split_part(key, ':', 2)::bigint as id, locked_at from graphile_worker.jobs
        where locked_by is not null and key like 'delivery:%'
     )
     insert into delivery_try (delivery_id, number, ms, ok, message, fault)
     select d.id, 1 + (select count(*) from delivery_try t where t.delivery_id = d.id),
            least(extract(epoch from now() - h.locked_at) * 1000, $1), false, $2, 'interrupted'
       from held h join delivery d on d.id = h.id where d.state = 'waiting'`,
    [TRY_LIMIT_MS, "The process that delivers ended before the receiver had answered."],
  );
  const held = await client.query<{ id: string; by: string; attempts: number }>(
    `select id, locked_by as by, attempts from graphile_worker.jobs where locked_by is not null`,
  );
  await client.query("select graphile_worker.force_unlock_workers($1::text[])", [
    [...new Set(held.rows.map(({ by }) => by))],
  ]);
  await client.query(
    `select graphile_worker.reschedule_jobs(array[id], attempts := greatest(attempts - 1, 0))
       from unnest($1::bigint[], $2::int[]) as held(id, attempts)`,
    [held.rows.map(({ id }) => id), held.rows.map(({ attempts }) => attempts)],
  );
}

/**
 * When the queue tries deliveries next, ISO 8601. One that is being tried, or has no job, is left out;
 * so are all of them before there has been a queue.
 */
export async function nextTries(
  sql: Queryable,
  deliveries: readonly string[],
): Promise<Map<string, string>> {
  if (deliveries.length === 0 || !(await hasQueue(sql))) return new Map();
  const result = await sql.query<{ delivery: string; at: Date }>(
    `select split_part(key, ':', 2) as delivery, run_at as at from graphile_worker.jobs
      where key = any($1) and locked_at is null`,
    [deliveries.map((id) => `delivery:${id}`)],
  );
  return new Map(result.rows.map(({ delivery, at }) => [delivery, at.toISOString()]));
}

async function hasQueue(sql: Queryable): Promise<boolean> {
  const result = await sql.query<{ has: boolean }>(
    "select to_regclass('graphile_worker.jobs') is not null as has",
  );
  return result.rows[0]?.has === true;
}
