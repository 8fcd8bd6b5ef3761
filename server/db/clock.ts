import type { Queryable } from "./sql.ts";

/** Database time: the clock that all processes agree on, whatever those of their machines say. */
export async function readNow(sql: Queryable): Promise<Date> {
  const result = await sql.query<{ now: Date }>("select clock_timestamp() as now");
  const row = result.rows[0];
  if (row === undefined) throw new Error("a clock without a time");
  return row.now;
}
