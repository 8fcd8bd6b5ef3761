/** Numbers for monitoring, from rows. */
import type { AttemptState, RunState } from "#server/core/run/states.ts";
import type { Queryable } from "./sql.ts";

export interface FlowCount {
  flow: string;
  state: string;
  n: number;
}

/** Runs that have not ended, by flow and state; held ones apart from those that are queued. */
export async function countOpenRuns(sql: Queryable): Promise<FlowCount[]> {
  const result = await sql.query<FlowCount>(
    `select flow_id as flow, case when held then 'held' else state::text end as state, count(*)::int as n
       from run where finished_at is null group by 1, 2`,
  );
  return result.rows;
}

export interface EndedCounts {
  runs: (FlowCount & { state: RunState })[];
  attempts: (FlowCount & { state: AttemptState })[];
}

/**
 * Runs that have ended, and ended attempts, by flow and state.
 * @param from id of the first run that counts
 * @param to   id of the last one
 */
export async function countEnded(sql: Queryable, from: string, to: string): Promise<EndedCounts> {
  const runs = await sql.query<EndedCounts["runs"][number]>(
    `select flow_id as flow, state, count(*)::int as n from run
      where id between $1 and $2 and finished_at is not null group by flow_id, state`,
    [from, to],
  );
  const attempts = await sql.query<EndedCounts["attempts"][number]>(
    `select r.flow_id as flow, a.state, count(*)::int as n
       from attempt a join run r on r.id = a.run_id
      where a.run_id between $1 and $2 group by r.flow_id, a.state`,
    [from, to],
  );
  return { runs: runs.rows, attempts: attempts.rows };
}

/** The newest run, and the newest one up to which all have ended; "0" where there is none. */
export async function readMarks(sql: Queryable): Promise<{ newest: string; settled: string }> {
  const result = await sql.query<{ newest: string; settled: string }>(
    `select coalesce(max(id), 0)::text as newest,
            coalesce((select min(id) - 1 from run where finished_at is null), max(id), 0)::text as settled
       from run`,
  );
  return result.rows[0] ?? { newest: "0", settled: "0" };
}

/** Ids of the flows that were there first, at most `limit`. */
export async function listFirstFlows(sql: Queryable, limit: number): Promise<string[]> {
  const result = await sql.query<{ id: string }>(
    "select id from flow order by created_at, id limit $1",
    [limit],
  );
  return result.rows.map(({ id }) => id);
}

/** How late the schedule is that has been due for the longest, in seconds; 0 when none is due. */
export async function readScheduleLag(sql: Queryable): Promise<{ lag: number; due: number }> {
  const result = await sql.query<{ lag: number; due: number }>(
    `select coalesce(extract(epoch from clock_timestamp() - min(next_tick_at)), 0)::float8 as lag,
            count(*)::int as due
       from schedule where next_tick_at <= now()`,
  );
  return result.rows[0] ?? { lag: 0, due: 0 };
}
