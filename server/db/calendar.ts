import { calendarStates } from "../core/run/calendar-view.ts";
import type { Queryable } from "./sql.ts";

export interface CalendarColumns {
  starts: number[];
  ends: number[];
  states: number[];
  revisions: number[];
  runs: string[];
}

const STATES = `array['${calendarStates.join("', '")}']::run_state[]`;

/** Picks the newest run of each interval, walking the index on flow and start of the interval. */
export const calendarQuery = `select distinct on (r.interval_start, r.interval_end)
       r.interval_start, r.interval_end, r.state, r.revision_id, r.id
  from run r
 where r.flow_id = $1 and r.interval_start >= $2 and r.interval_start < $3
 order by r.interval_start, r.interval_end, r.id desc
 limit $4`;

/**
 * The newest run of each interval that starts in [from, to), in the order of time.
 * @param limit most intervals
 */
export async function readCalendar(
  sql: Queryable,
  flow: string,
  { from, to }: { from: Date; to: Date },
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
    [flow, from, to, limit],
  );
  return result.rows[0] ?? { starts: [], ends: [], states: [], revisions: [], runs: [] };
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
