/** Samples of the queue: what it looked like every few seconds, for a day. */
import type { Queryable } from "../sql.ts";

/** Milliseconds between two samples. */
export const SAMPLE_MS = 10_000;
const KEEP = "25 hours";

/**
 * Takes a sample of the queue and of each pool, unless one was taken within the last ten seconds, and
 * forgets old ones. Safe to race.
 * @returns whether a sample was taken
 */
export async function sampleQueue(sql: Queryable): Promise<boolean> {
  const result = await sql.query<{ taken: boolean }>(
    `with due as (
       select where not exists (
         select from queue_sample where at > now() - $1 * interval '1 ms')),
     waiting as (select lane, count(*)::int as n from task_run where state = 'ready' group by lane),
     busy as (select lane, count(*)::int as n from task_run where state = 'running' group by lane),
     per_pool as (
       select p.name, p.slots, coalesce(sum(b.n) filter (where l.takes_slot), 0)::int as running,
              coalesce(sum(w.n), 0)::int as ready
         from due, pool p left join lane l on l.pool = p.name
         left join waiting w on w.lane = l.id left join busy b on b.lane = l.id
        group by p.name, p.slots),
     total as (
       insert into queue_sample (at, ready, running, slots, ended)
       select date_trunc('milliseconds', now()), (select coalesce(sum(ready), 0) from per_pool),
              (select coalesce(sum(running), 0) from per_pool),
              (select coalesce(sum(slots), 0) from runner where state = 'active' and lease_until > now()),
              (select coalesce(sum(ended), 0) from runner)
         from due on conflict do nothing returning at),
     pools as (
       insert into pool_sample (pool, at, slots, running, ready)
       select p.name, t.at, p.slots, p.running, p.ready from per_pool p, total t),
     old as (delete from queue_sample where at < now() - interval '${KEEP}'),
     old_pools as (delete from pool_sample where at < now() - interval '${KEEP}')
     select exists (select from total) as taken`,
    // A sample that comes a little early by the clock of its process is on time.
    [SAMPLE_MS * 0.9],
  );
  return result.rows[0]?.taken === true;
}

export interface FullRow {
  /** Null: all slots of all runners. */
  pool: string | null;
  /** 0…1 of the samples. */
  share: number;
  /** Milliseconds that the samples cover. */
  ofMs: number;
}

/** How much of the last hour pools, and the slots of all runners, were full. */
export async function listFull(sql: Queryable): Promise<FullRow[]> {
  const result = await sql.query<FullRow>(
    `select pool, (count(*) filter (where running >= slots and slots > 0))::float8 / count(*) as share,
            count(*)::float8 * $1 as "ofMs"
       from (select pool, running, slots from pool_sample
              where at > now() - interval '1 hour' and slots is not null
             union all
             select null, running, slots from queue_sample
              where at > now() - interval '1 hour') s
      group by pool`,
    [SAMPLE_MS],
  );
  return result.rows;
}

export interface PointRow {
  at: Date;
  ready: number;
  running: number;
  slots: number;
  ended: number;
}

/** Samples of the last hour, oldest first. */
export async function listPoints(sql: Queryable): Promise<PointRow[]> {
  const result = await sql.query<PointRow>(
    `select at, ready, running, slots, ended::float8 as ended from queue_sample
      where at > now() - interval '1 hour' order by at`,
  );
  return result.rows;
}
