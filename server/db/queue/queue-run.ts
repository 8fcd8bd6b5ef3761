/** The part of a run that its tasks can see. */
import type { Json } from "../../core/flow/spec.ts";
import type { Queryable } from "../sql.ts";

export interface RunFacts {
  id: string;
  flowId: string;
  identity: string;
  params: Record<string, Json>;
  intervalStart: Date | null;
  intervalEnd: Date | null;
  timezone: string;
}

/** @throws Error when the run does not exist */
export async function readRunFacts(sql: Queryable, runId: string): Promise<RunFacts> {
  const result = await sql.query<RunFacts>(
    `select id, flow_id as "flowId", identity, params, interval_start as "intervalStart",
            interval_end as "intervalEnd", timezone
       from run where id = $1`,
    [runId],
  );
  const row = result.rows[0];
  if (row === undefined) throw new Error(`run ${runId} does not exist`);
  return row;
}

/** The newest run of a flow that succeeded for exactly this interval; null when there is none. */
export async function findSuccess(
  sql: Queryable,
  flowId: string,
  interval: { start: string; end: string },
): Promise<string | null> {
  const result = await sql.query<{ id: string }>(
    `select id from run
      where flow_id = $1 and interval_start = $2 and interval_end = $3 and state = 'succeeded'
      order by id desc limit 1`,
    [flowId, interval.start, interval.end],
  );
  return result.rows[0]?.id ?? null;
}
