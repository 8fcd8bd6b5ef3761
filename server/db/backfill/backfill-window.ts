/** Statements of the window: what moves a started backfill through its ledger. */
import type { PoolClient } from "pg";
import {
  fillCounts,
  MAX_CONCURRENCY,
  type RowCounts,
  type RowState,
} from "../../core/backfill/states.ts";
import type { BackfillPause } from "../../core/backfill/view.ts";
import type { Json } from "../../core/flow/spec.ts";
import { paramsAgree } from "../run/params-agree.ts";
import type { Queryable } from "../sql.ts";

/**
 * Backfills that may have something to do, oldest first: not those that are paused and whose last run
 * has been taken over.
 */
export async function findOpenBackfills(sql: Queryable, limit: number): Promise<string[]> {
  const result = await sql.query<{ id: string }>(
    `select id from backfill b
      where started_at is not null and finished_at is null
        and (state <> 'paused' or exists (
              select from backfill_row where backfill_id = b.id and state = 'running'))
      order by id limit $1`,
    [limit],
  );
  return result.rows.map(({ id }) => id);
}

export interface EndedRow {
  ordinal: number;
  state: RowState;
  run: string;
}

/** Takes over into the ledger how runs ended. The caller holds the lock of the backfill. */
export async function takeOverEnds(
  client: PoolClient,
  id: string,
  version: string,
): Promise<EndedRow[]> {
  const result = await client.query<EndedRow>({
    name: "backfill ends",
    text: `update backfill_row w
        set state = r.state::text::backfill_row_state, ended_at = r.finished_at, version = $2
       from run r
      where w.backfill_id = $1 and w.state = 'running' and r.id = w.run_id
        and r.finished_at is not null
     returning w.ordinal, w.state, w.run_id as run`,
    values: [id, version],
  });
  return result.rows;
}

/** Rows of a ledger by state. */
export async function countRows(sql: Queryable, id: string): Promise<RowCounts> {
  const result = await sql.query<{ state: RowState; n: number }>(
    "select state, count(*)::int as n from backfill_row where backfill_id = $1 group by state",
    [id],
  );
  return fillCounts(Object.fromEntries(result.rows.map(({ state, n }) => [state, n])));
}

export interface Canary {
  counts: RowCounts;
  /** Ordinal of the last of them. */
  last: number;
}

/** The first `count` chosen rows, by state. */
export async function countCanary(client: PoolClient, id: string, count: number): Promise<Canary> {
  const result = await client.query<{ state: RowState; n: number; last: number }>(
    `select state, count(*)::int as n, max(ordinal) as last from (
       select state, ordinal from backfill_row
        where backfill_id = $1 and chosen order by ordinal limit $2) c
      group by state`,
    [id, count],
  );
  return {
    counts: fillCounts(Object.fromEntries(result.rows.map(({ state, n }) => [state, n]))),
    last: Math.max(-1, ...result.rows.map(({ last }) => last)),
  };
}

export interface WaitingRow {
  ordinal: number;
  start: Date | null;
  end: Date | null;
  params: Record<string, Json> | null;
  guarded: boolean;
  /** The run that a retry starts from; null before the first. */
  run: string | null;
  tries: number;
}

/**
 * The next waiting rows in the order of work. A row whose interval has a live run of the same flow,
 * from whatever origin and with no other parameters, is passed over until that run has ended; so is a
 * set of parameters that a live run without an interval has.
 * @param to ordinal of the last row that may be taken
 */
export async function findNextRows(
  client: PoolClient,
  backfill: { id: string; flowId: string; params: Record<string, Json> },
  to: number,
  limit: number,
): Promise<WaitingRow[]> {
  const result = await client.query<WaitingRow>({
    name: "backfill next rows",
    // The order of the inner rows and the limit of the lateral keep this to one look into an index
    // per row, and to as many rows as are taken, whatever the statistics say; "is true" keeps the
    // planner off the index of open runs, which would be read whole for each row.
    text: `with live as materialized (
        select r.params from run r
         where r.flow_id = $2 and r.interval_start is null and r.finished_at is null)
       select w.ordinal, w.start, w.end, w.params, w.guarded, w.run, w.tries
         from (select ordinal, interval_start as start, interval_end as end, params, guarded,
                      run_id as run, tries
                 from backfill_row
                where backfill_id = $1 and state = 'waiting' and ordinal <= $4
                order by ordinal limit $5::int + ${MAX_CONCURRENCY}) w
         left join lateral (
           select true as live from run r
            where r.flow_id = $2 and r.interval_start = w.start and r.interval_end = w.end
              and (r.finished_at is null) is true
              and ${paramsAgree("r.params", "$3::jsonb")}
            limit 1) l on true
        where l.live is null
          and not (w.start is null and w.params in (select params from live))
        order by w.ordinal limit $5`,
    values: [backfill.id, backfill.flowId, JSON.stringify(backfill.params), to, limit],
  });
  return result.rows;
}

export interface StartedRow {
  ordinal: number;
  run: string;
  /** Number of the try that the run is. */
  tries: number;
}

/** Points rows to the runs that work them off; each is found by primary key. */
export async function markStarted(
  client: PoolClient,
  id: string,
  version: string,
  rows: readonly StartedRow[],
): Promise<void> {
  await client.query({
    name: "backfill started rows",
    text: `update backfill_row w
        set state = 'running', run_id = s.run, tries = s.tries, ended_at = null, problem = null,
            version = $2
       from unnest($3::int[], $4::bigint[], $5::int[]) as s(ordinal, run, tries)
      where w.backfill_id = $1 and w.ordinal = any($3::int[]) and w.ordinal = s.ordinal
        and (w.state = 'waiting') is true`,
    values: [
      id,
      version,
      rows.map((row) => row.ordinal),
      rows.map((row) => row.run),
      rows.map((row) => row.tries),
    ],
  });
}

/** A row whose retry could not be made stays failed, with the reason. */
export async function markRefused(
  client: PoolClient,
  id: string,
  version: string,
  ordinal: number,
  problem: string,
): Promise<void> {
  await client.query(
    `update backfill_row set state = 'failed', problem = $4, ended_at = clock_timestamp(), version = $2
      where backfill_id = $1 and ordinal = $3`,
    [id, version, ordinal, problem],
  );
}

export interface HeadChange {
  version: string;
  /** A pause begins. */
  pause?: BackfillPause;
  /** The first rows have succeeded: they hold nothing back any more. */
  canaryDone?: boolean;
  /** It has ended. */
  end?: "succeeded" | "failed" | "cancelled";
}

/** Stores a step of a backfill, together with its rows. */
export async function changeHead(
  client: PoolClient,
  id: string,
  { version, pause, canaryDone = false, end }: HeadChange,
): Promise<void> {
  await client.query({
    name: "backfill head",
    text: `update backfill
        set version = $2,
            state = (case when $3::text is not null then $3
                          when $4::jsonb is not null then 'paused' else state::text end)::backfill_state,
            finished_at = case when $3::text is not null then clock_timestamp() end,
            pause = case when $3::text is not null then null
                         when $4::jsonb is not null then $4::jsonb else pause end,
            canary = case when $5::bool then 0 else canary end
      where id = $1`,
    values: [
      id,
      version,
      end ?? null,
      pause === undefined ? null : JSON.stringify(pause),
      canaryDone,
    ],
  });
}

/** Live runs of a backfill that nobody has asked to stop yet, oldest first. */
export async function findRunsToCancel(
  sql: Queryable,
  id: string,
  limit: number,
): Promise<string[]> {
  const result = await sql.query<{ id: string }>(
    `select r.id from backfill_row w join run r on r.id = w.run_id
      where w.backfill_id = $1 and w.state = 'running' and r.finished_at is null
        and r.cancel_requested_at is null
      order by r.id limit $2`,
    [id, limit],
  );
  return result.rows.map((row) => row.id);
}

/**
 * Removes plans that nobody started within a day, with their rows.
 * @returns how many
 */
export async function removeOldPlans(client: PoolClient, limit: number): Promise<number> {
  const result = await client.query<{ n: number }>(
    `with old as (
       select id from backfill
        where state = 'planned' and created_at < now() - interval '1 day'
        order by created_at limit $1 for update skip locked),
     gone as (delete from backfill_row where backfill_id in (select id from old)),
     plans as (delete from backfill where id in (select id from old) returning id)
     select count(*)::int as n from plans`,
    [limit],
  );
  return result.rows[0]?.n ?? 0;
}

/** The row of a ledger whose newest run is to be rerun, and which try that will be. */
export interface OpenPlace {
  id: string;
  ordinal: number;
  try: number;
}

/**
 * Locks the backfill in whose ledger a run is the newest of a row that did not succeed, and finds that
 * row: a rerun of the run works it off.
 * @returns null for any other run, and when the backfill was cancelled
 */
export async function findOpenPlace(client: PoolClient, runId: string): Promise<OpenPlace | null> {
  const locked = await client.query<{ id: string; ordinal: number }>(
    `select b.id, r.backfill_ordinal as ordinal
       from run r join backfill b on b.id = r.backfill_id
      where r.id = $1 and b.state in ('running', 'paused', 'failed')
        for no key update of b`,
    [runId],
  );
  const [place] = locked.rows;
  if (place === undefined) return null;
  const row = await client.query<{ tries: number }>(
    `select tries from backfill_row
      where backfill_id = $1 and ordinal = $2 and run_id = $3 and state in ('failed', 'cancelled')`,
    [place.id, place.ordinal, runId],
  );
  const tries = row.rows[0]?.tries;
  return tries === undefined ? null : { ...place, try: tries + 1 };
}

/** Points a row to the rerun that somebody asked for. A backfill that had ended goes on. */
export async function adoptRun(client: PoolClient, place: OpenPlace, run: string): Promise<void> {
  await client.query(
    `update backfill
        set version = version + 1, finished_at = null,
            state = (case when state = 'failed' then 'running' else state end)::backfill_state
      where id = $1`,
    [place.id],
  );
  await client.query(
    `update backfill_row w
        set state = 'running', run_id = $3, tries = $4, ended_at = null, problem = null,
            version = b.version
       from backfill b
      where b.id = $1 and w.backfill_id = b.id and w.ordinal = $2`,
    [place.id, place.ordinal, run, place.try],
  );
}
