/** Evidence of stale writes: reports of attempts that were taken away from their runner. */
import type { AttemptOutcome } from "../../core/run/retry.ts";
import type { Queryable } from "../sql.ts";

export interface StaleReport {
  runId: string;
  ordinal: number;
  attempt: number;
}

/**
 * Records refused reports. A report that repeats what this runner has already reported about the
 * attempt is none: its first acknowledgement was lost on the way.
 */
export async function recordRefused(
  sql: Queryable,
  runnerId: string,
  reports: readonly StaleReport[],
  outcome: AttemptOutcome | "succeeded" | "log",
): Promise<void> {
  if (reports.length === 0) return;
  await sql.query(
    `insert into refused_write (run_id, ordinal, attempt, runner_id, outcome)
     select x.run_id, x.ordinal, x.attempt, $1::bigint, $5::text
       from unnest($2::bigint[], $3::int[], $4::int[]) as x(run_id, ordinal, attempt)
      where not exists (
        select from attempt a
         where a.run_id = x.run_id and a.ordinal = x.ordinal and a.attempt = x.attempt
           and a.runner_id = $1::bigint
           and a.state::text = (case $5::text when 'handed_back' then 'lost' else $5::text end))`,
    [
      runnerId,
      reports.map((report) => report.runId),
      reports.map((report) => report.ordinal),
      reports.map((report) => report.attempt),
      outcome,
    ],
  );
}
