import type { Pool, PoolClient } from "pg";

const retryable = new Set(["40001", "40P01"]);
const maxTries = 5;

/**
 * Runs `work` in one READ COMMITTED transaction and commits it. Everything is undone when it throws.
 * Deadlocks and serialisation failures are tried again, so `work` must be free of other effects.
 */
export async function inTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const client = await pool.connect();
    let broken: Error | undefined;
    try {
      await client.query("begin");
      const result = await work(client);
      await client.query("commit");
      return result;
    } catch (error) {
      await client.query("rollback").catch((rollbackError: Error) => {
        broken = rollbackError;
      });
      const code = (error as { code?: unknown }).code;
      const again = typeof code === "string" && retryable.has(code) && attempt < maxTries;
      if (!again) throw error;
    } finally {
      client.release(broken);
    }
  }
}
