import { join } from "node:path";
import { pendingMigrations } from "#server/db/migrate.ts";
import { hasDeliverer } from "#server/db/notify/channels.ts";
import type { Queryable } from "#server/db/sql.ts";
import type { Deps } from "./deps.ts";

export interface Health {
  status: "ok" | "unavailable";
  /** What keeps runs from being executed: `database`, `migrations`, `runner`. */
  missing: ("database" | "migrations" | "runner")[];
  runners: number;
  /** Whether notifications are delivered; runs are executed without that too. */
  jobs: boolean;
}

/** Whether the database answers, is up to date, and at least one runner holds its lease. */
export async function checkHealth(
  deps: Pick<Deps, "pool">,
  migrations = join(process.cwd(), "prisma", "migrations"),
): Promise<Health> {
  try {
    await deps.pool.query("select 1");
  } catch {
    // The answer itself says what is wrong; the cause is in the log of whoever lost the database.
    return { status: "unavailable", missing: ["database"], runners: 0, jobs: false };
  }
  const pending = await isPending(deps.pool, migrations);
  if (pending) return { status: "unavailable", missing: ["migrations"], runners: 0, jobs: false };
  const result = await deps.pool.query<{ n: number }>(
    "select count(*)::int as n from runner where state = 'active' and lease_until > now()",
  );
  const runners = result.rows[0]?.n ?? 0;
  const jobs = await hasDeliverer(deps.pool);
  return runners === 0
    ? { status: "unavailable", missing: ["runner"], runners, jobs }
    : { status: "ok", missing: [], runners, jobs };
}

async function isPending(sql: Queryable, migrations: string): Promise<boolean> {
  try {
    return (await pendingMigrations(sql, migrations)).length > 0;
  } catch {
    // Half-applied or unknown migrations: start refuses with the details, here they are just not done.
    return true;
  }
}
