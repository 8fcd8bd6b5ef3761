/** Schedules with ticks at known distances from now, on the database's clock. */
import type pg from "pg";
import type { CompiledFlow, ParamSchema, ScheduleSpec } from "#server/core/flow/spec.ts";
import { inTransaction } from "#server/db/transaction.ts";
import { storeFlow } from "#server/usecases/flows/store.ts";
import { buildFlow, type TaskDraft } from "./flow-builder.ts";

export const DAY_MS = 86_400_000;

/** A schedule that fires every day, in UTC, at the whole second of an instant. */
export function dailyAt(instant: number, more: Partial<ScheduleSpec> = {}): ScheduleSpec {
  const at = new Date(instant);
  const fields = [at.getUTCSeconds(), at.getUTCMinutes(), at.getUTCHours()];
  return {
    cron: `${fields.join(" ")} * * *`,
    timezone: "UTC",
    catchup: "latest",
    overlap: "queue",
    ...more,
  };
}

/** Database time in whole seconds, as milliseconds since 1970. */
export async function databaseNow(pool: pg.Pool): Promise<number> {
  const result = await pool.query<{ now: Date }>("select date_trunc('second', now()) as now");
  return result.rows[0]?.now.getTime() ?? 0;
}

export interface ScheduledFlow {
  id: string;
  schedules: ScheduleSpec[];
  tasks?: Record<string, TaskDraft>;
  params?: Record<string, ParamSchema>;
}

/** Publishes a flow with schedules, as a push would. */
export async function publishScheduled(
  pool: pg.Pool,
  { id, schedules, tasks = { only: {} }, params }: ScheduledFlow,
): Promise<CompiledFlow> {
  const flow = buildFlow(id, tasks, params, schedules);
  await inTransaction(pool, (client) => storeFlow(client, flow, "push", "test"));
  return flow;
}

/** Puts a schedule where it would stand had nothing looked at it since before `tick`. */
export async function standAt(pool: pg.Pool, flow: string, tick: number, key = "1"): Promise<void> {
  await pool.query("update schedule set next_tick_at = $3 where flow_id = $1 and key = $2", [
    flow,
    key,
    new Date(tick).toISOString(),
  ]);
}
