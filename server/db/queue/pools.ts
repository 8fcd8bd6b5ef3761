/** Pools: their slots and what is in them. */
import type { Pool } from "pg";
import { wakeRunners } from "../live/notify.ts";
import { iso, type Queryable } from "../sql.ts";
import { inTransaction } from "../transaction.ts";

/**
 * Gives a pool so many slots, from now on; tasks that run already go on. A pool that no flow has named
 * yet is made. Waits for claims that are on their way, so that the next one counts anew.
 * @param slots null: no limit
 */
export async function setPoolSlots(
  pool: Pool,
  name: string,
  slots: number | null,
  by: string,
): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query(
      `insert into pool (name, slots, changed_at, changed_by) values ($1, $2, now(), $3)
       on conflict (name) do update
          set slots = excluded.slots, changed_at = excluded.changed_at, changed_by = excluded.changed_by`,
      [name, slots, by],
    );
    await wakeRunners(client);
  });
}

export interface PoolRow {
  name: string;
  slots: number | null;
  running: number;
  ready: number;
  oldestReadyAt: string | null;
  changedAt: string | null;
  changedBy: string | null;
}

/** All pools, those with slots first, then by name. */
export async function listPools(sql: Queryable): Promise<PoolRow[]> {
  const result = await sql.query<
    Omit<PoolRow, "oldestReadyAt" | "changedAt"> & {
      oldestReadyAt: Date | null;
      changedAt: Date | null;
    }
  >(
    `with waiting as (
       select lane, count(*)::int as n, min(ready_at) as oldest from task_run
        where state = 'ready' group by lane),
     busy as (select lane, count(*)::int as n from task_run where state = 'running' group by lane)
     select p.name, p.slots, p.changed_at as "changedAt", p.changed_by as "changedBy",
            coalesce(sum(b.n) filter (where l.takes_slot), 0)::int as running,
            coalesce(sum(w.n), 0)::int as ready, min(w.oldest) as "oldestReadyAt"
       from pool p left join lane l on l.pool = p.name
       left join waiting w on w.lane = l.id left join busy b on b.lane = l.id
      group by p.name order by p.slots is null, p.name`,
  );
  return result.rows.map((row) => ({
    ...row,
    oldestReadyAt: iso(row.oldestReadyAt),
    changedAt: iso(row.changedAt),
  }));
}
