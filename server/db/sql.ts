import type { QueryResult, QueryResultRow } from "pg";
import type { IntervalView } from "../core/run/view.ts";

/** A statement that each connection prepares once under its name: for those that come again and again. */
export interface Prepared {
  name: string;
  text: string;
  values: unknown[];
}

/** A pool or one of its clients: whatever a plain statement can be sent through. */
export interface Queryable {
  query<R extends QueryResultRow>(text: string, values?: unknown[]): Promise<QueryResult<R>>;
  query<R extends QueryResultRow>(prepared: Prepared): Promise<QueryResult<R>>;
}

/** ISO 8601 in UTC, or null. */
export function iso(at: Date | null): string | null {
  return at === null ? null : at.toISOString();
}

/** The interval of a row, its ends in ISO 8601 in UTC, or null when it has none. */
export function intervalOf(start: Date | null, end: Date | null): IntervalView | null {
  return start === null || end === null
    ? null
    : { start: start.toISOString(), end: end.toISOString() };
}
