/** What retries have done for a flow: bounded by runs and by attempts, whatever the history holds. */
import type { CountedAttempt } from "../../core/run/advise-retries.ts";
import type { AttemptError } from "../../core/run/attempt-view.ts";
import type { Queryable } from "../sql.ts";

export interface HistoryBounds {
  /** Newest runs looked at. */
  runs: number;
  /** Newest attempts of task runs with failures looked at. */
  attempts: number;
  /** Runs created longer ago are left out. */
  days: number;
}

export interface HistorySpan {
  runs: number;
  since: Date | null;
}

/**
 * The runs of a flow that are looked at, by the index of its list. What belongs to them is read by
 * key, run by run: `offset 0` keeps the planner from reading whole tables instead, which it takes for
 * cheaper while it does not know how few rows there are.
 */
const recent = `recent as materialized (
  select id, revision_id, parent_id, created_at from run
   where flow_id = $1 and created_at >= now() - $3 * interval '1 day' order by id desc limit $2)`;

export async function readSpan(
  sql: Queryable,
  flow: string,
  bounds: HistoryBounds,
): Promise<HistorySpan> {
  const result = await sql.query<{ runs: number; since: Date | null }>(
    `with ${recent} select count(*)::int as runs, min(created_at) as since from recent`,
    [flow, bounds.runs, bounds.days],
  );
  return result.rows[0] ?? { runs: 0, since: null };
}

export interface FailedTaskRun {
  task: string;
  run: string;
  /** True when the task run ended as failed. */
  failed: boolean;
  attempts: CountedAttempt[];
}

/** Task runs that had failures and have ended, newest first, with their counted attempts in order. */
export async function readFailedTaskRuns(
  sql: Queryable,
  flow: string,
  bounds: HistoryBounds,
): Promise<FailedTaskRun[]> {
  const result = await sql.query<{
    task: string;
    run: string;
    failed: boolean;
    states: CountedAttempt["state"][];
    starts: number[];
    ends: number[];
    errors: (AttemptError | null)[];
  }>(
    `with ${recent},
     t as (
       select r.id, r.revision_id, t.ordinal, t.state = 'failed' as failed
         from recent r
         join lateral (
           select ordinal, state from task_run
            where run_id = r.id and failures > 0 and state in ('succeeded', 'failed') offset 0) t on true
        order by r.id desc, t.ordinal limit $4)
     select rt.task_id as task, t.id as run, t.failed, a.states, a.starts, a.ends, a.errors
       from t
       join revision_task rt on rt.revision_id = t.revision_id and rt.ordinal = t.ordinal
       join lateral (
         select array_agg(state::text order by attempt) as states,
                array_agg(extract(epoch from started_at)::float8 * 1000 order by attempt) as starts,
                array_agg(extract(epoch from finished_at)::float8 * 1000 order by attempt) as ends,
                jsonb_agg(error order by attempt) as errors
           from attempt
          where run_id = t.id and ordinal = t.ordinal
            and state in ('succeeded', 'failed', 'timed_out')) a on a.states is not null
      order by t.id desc, t.ordinal`,
    [flow, bounds.runs, bounds.days, bounds.attempts],
  );
  return result.rows.map(({ task, run, failed, states, starts, ends, errors }) => ({
    task,
    run,
    failed,
    attempts: states.map((state, n) => ({
      state,
      startedAt: Math.round(starts[n] as number),
      finishedAt: Math.round(ends[n] as number),
      error: errors[n] ?? null,
    })),
  }));
}

/** How many task runs succeeded at the first attempt, by task, of tasks that failed elsewhere. */
export async function countFirstTime(
  sql: Queryable,
  flow: string,
  tasks: readonly string[],
  bounds: HistoryBounds,
): Promise<Map<string, number>> {
  const result = await sql.query<{ task: string; count: number }>(
    `with ${recent},
     wanted as (
       select rt.revision_id, rt.ordinal, rt.task_id from revision_task rt
        where rt.task_id = any($4::text[])
          and rt.revision_id in (select distinct revision_id from recent))
     select w.task_id as task, count(*)::int as count
       from recent r
       join wanted w on w.revision_id = r.revision_id
       join lateral (
         select state, failures from task_run
          where run_id = r.id and ordinal = w.ordinal offset 0) t
         on t.state = 'succeeded' and t.failures = 0
      group by 1`,
    [flow, bounds.runs, bounds.days, tasks],
  );
  return new Map(result.rows.map(({ task, count }) => [task, count]));
}

/** First tries of failed tasks in reruns that were started within an hour of their parent's end. */
export async function readSoonReruns(
  sql: Queryable,
  flow: string,
  bounds: HistoryBounds,
): Promise<Map<string, { tries: number; successes: number }>> {
  const result = await sql.query<{ task: string; tries: number; successes: number }>(
    `with ${recent}
     select rt.task_id as task, count(*)::int as tries,
            count(*) filter (where first.state = 'succeeded')::int as successes
       from recent c
       join lateral (select id, revision_id, finished_at from run where id = c.parent_id offset 0) p
         on p.revision_id = c.revision_id and c.created_at <= p.finished_at + interval '1 hour'
       join lateral (
         select ordinal from task_run where run_id = p.id and state = 'failed' offset 0) tp on true
       join lateral (
         select state from attempt
          where run_id = c.id and ordinal = tp.ordinal
            and state in ('succeeded', 'failed', 'timed_out')
          order by attempt limit 1) first on true
       join revision_task rt on rt.revision_id = c.revision_id and rt.ordinal = tp.ordinal
      group by 1`,
    [flow, bounds.runs, bounds.days],
  );
  return new Map(result.rows.map(({ task, tries, successes }) => [task, { tries, successes }]));
}
