/** Pools: their slots and what happens in them. */
import type { Pool, PoolClient } from "pg";
import { wakeRunners } from "./notify.ts";
import { inTransaction } from "./transaction.ts";

/**
 * Gives a pool so many slots, from now on; tasks that run already go on. Waits for claims that are on
 * their way, so that the next one counts anew.
 * @param slots null: no limit
 * @returns false when there is no such pool
 */
export async function setPoolSlots(
  pool: Pool,
  name: string,
  slots: number | null,
  by: string,
): Promise<boolean> {
  return inTransaction(pool, async (client: PoolClient) => {
    const result = await client.query(
      "update pool set slots = $2, changed_at = now(), changed_by = $3 where name = $1",
      [name, slots, by],
    );
    if (result.rowCount !== 1) return false;
    await wakeRunners(client);
    return true;
  });
}
