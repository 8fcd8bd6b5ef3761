import type { Json } from "../../core/flow/spec.ts";
import { calendarStates, type ParamChoice } from "../../core/run/calendar-view.ts";
import type { IntervalView } from "../../core/run/view.ts";
import { intervalOf, type Queryable } from "../sql.ts";

export interface CalendarColumns {
  starts: number[];
  ends: number[];
  states: number[];
  revisions: number[];
  runs: string[];
}

const STATES = `array['${calendarStates.join("', '")}']::run_state[]`;

/**
 * Whether a run's parameters contradict none of $4, a parameter that only one side knows being no
 * difference. Most runs have them all, which is quick to see.
 */
const FITS = `($4::jsonb is null or r.params @> $4::jsonb or not exists (
    select from jsonb_each(r.params) p where $4::jsonb ? p.key and $4::jsonb -> p.key <> p.value))`;

/** Picks the newest run of each interval, walking the index on flow and start of the interval. */
export const calendarQuery = `select distinct on (r.interval_start, r.interval_end)
       r.interval_start, r.interval_end, r.state, r.revision_id, r.id
  from run r
 where r.flow_id = $1 and r.interval_start >= $2 and r.interval_start < $3 and ${FITS}
 order by r.interval_start, r.interval_end, r.id desc
 limit $5`;

/**
 * The newest run of each interval that starts in [from, to), in the order of time.
 * @param params runs with another value for one of them do not count; null counts all
 * @param limit  most intervals
 */
export async function readCalendar(
  sql: Queryable,
  flow: string,
  { from, to }: { from: Date; to: Date },
  params: Record<string, Json> | null,
  limit: number,
): Promise<CalendarColumns> {
  const result = await sql.query<CalendarColumns>(
    `select coalesce(json_agg((extract(epoch from c.interval_start) * 1000)::bigint), '[]') as starts,
            coalesce(json_agg((extract(epoch from c.interval_end) * 1000)::bigint), '[]') as ends,
            coalesce(json_agg(array_position(${STATES}, c.state) - 1), '[]') as states,
            coalesce(json_agg(c.number), '[]') as revisions,
            coalesce(json_agg(c.id::text), '[]') as runs
       from (select q.*, v.number from (${calendarQuery}) q
               join revision v on v.id = q.revision_id
              order by q.interval_start, q.interval_end) c`,
    [flow, from, to, params === null ? null : JSON.stringify(params), limit],
  );
  return result.rows[0] ?? { starts: [], ends: [], states: [], revisions: [], runs: [] };
}

/**
 * What parameters the runs of intervals that start in [from, to) have, the most frequent first.
 * @param look  how many runs are looked at, the newest intervals first
 * @param limit most choices
 */
export async function findParamChoices(
  sql: Queryable,
  flow: string,
  { from, to }: { from: Date; to: Date },
  { look, limit }: { look: number; limit: number },
): Promise<ParamChoice[]> {
  const result = await sql.query<ParamChoice>(
    `select params, count(*)::int as runs from (
       select params from run
        where flow_id = $1 and interval_start >= $2 and interval_start < $3
        order by interval_start desc limit $4) r
      group by params order by runs desc, params limit $5`,
    [flow, from, to, look, limit],
  );
  return result.rows;
}

/** Starts of the first and the last interval of a flow; null when none of its runs has one. */
export async function findIntervalEnds(
  sql: Queryable,
  flow: string,
): Promise<{ first: Date; last: Date } | null> {
  const result = await sql.query<{ first: Date | null; last: Date | null }>(
    `select min(interval_start) as first, max(interval_start) as last from run
      where flow_id = $1 and interval_start is not null`,
    [flow],
  );
  const { first, last } = result.rows[0] ?? { first: null, last: null };
  return first === null || last === null ? null : { first, last };
}

/** The interval with the latest start that the flow has run for, or null. */
export async function findLatestInterval(
  sql: Queryable,
  flow: string,
): Promise<IntervalView | null> {
  const result = await sql.query<{ start: Date; end: Date }>(
    `select interval_start as start, interval_end as end from run
      where flow_id = $1 and interval_start is not null order by interval_start desc limit 1`,
    [flow],
  );
  const row = result.rows[0];
  return row === undefined ? null : intervalOf(row.start, row.end);
}
