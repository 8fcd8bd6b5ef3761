/** The start of one run alone, which is what people and programs ask for (decision 0170). */
import type { Queryable } from "../sql.ts";
import type { NewRun } from "./runs.ts";

/** A run that belongs to no schedule, backfill, calling task or run before it. */
export type PlainRun = Omit<
  NewRun,
  "parent" | "reason" | "schedule" | "backfill" | "caller" | "priority"
>;

/**
 * Creates a run with its task runs and wakes the runners, as one statement: all or nothing without a
 * transaction around it.
 * @param onlyCurrent starts nothing unless the revision is the current one of a flow that is not archived
 * @returns the id of the run; null when nothing was done: not current, the flow limits its active runs, a
 *   task without needs has a condition, or the idempotency key is taken
 */
export async function startOne(
  sql: Queryable,
  run: PlainRun,
  detail: Record<string, unknown>,
  onlyCurrent: boolean,
): Promise<string | null> {
  const { rows } = await sql.query<{ id: string | null }>({
    name: "start one",
    text: "select idem_start_one($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) as id",
    values: [
      run.flowId,
      run.revisionId,
      run.manifest.identity,
      run.manifest.text,
      JSON.stringify(run.params),
      run.interval?.start ?? null,
      run.interval?.end ?? null,
      run.timezone,
      run.trigger,
      run.createdBy,
      run.idempotencyKey,
      run.requestHash,
      JSON.stringify(detail),
      onlyCurrent,
    ],
  });
  return rows[0]?.id ?? null;
}
