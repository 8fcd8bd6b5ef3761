/** Backfills as pages and programs see them. Counts are taken from the rows each time. */

import { hideWriteOnly, type ParamSchemas } from "#server/core/flow/params/write-only.ts";
import { PACE_ROWS } from "../../core/backfill/progress.ts";
import type { BackfillRequest } from "../../core/backfill/request.ts";
import {
  type BackfillState,
  type ReasonKind,
  type RowCounts,
  type RowState,
  rowStates,
} from "../../core/backfill/states.ts";
import type {
  BackfillCells,
  BackfillEventView,
  BackfillPause,
  BackfillRowView,
  ChangedCells,
} from "../../core/backfill/view.ts";
import { type WindowState, whyRowWaits } from "../../core/backfill/wait.ts";
import type { Json } from "../../core/flow/spec.ts";
import type { FirstError } from "../../core/run/view.ts";
import { hidingSchemas } from "../flow/hidden-params.ts";
import { paramsAgree } from "../run/params-agree.ts";
import { intervalOf, iso, type Queryable } from "../sql.ts";

export interface BackfillViewRow {
  id: string;
  flowId: string;
  flowName: string | null;
  revision: number;
  latestRevision: number;
  state: BackfillState;
  request: BackfillRequest;
  planHash: string;
  params: Record<string, Json>;
  /** Those of the parameters, when one of them hides values; else null. */
  schemas: ParamSchemas | null;
  rangeStart: Date | null;
  rangeEnd: Date | null;
  timezone: string;
  concurrency: number;
  canary: number;
  stopAfter: number | null;
  total: number;
  counts: Partial<RowCounts>;
  /**
   * Rows that ended last, at most PACE_ROWS and none from before it was started or went on, and when
   * that was or the first of them ended, whichever is later.
   */
  pace: { ended: number; since: string | null };
  pause: BackfillPause | null;
  reason: string | null;
  createdBy: string;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  version: string;
  now: Date;
}

export interface BackfillFilter {
  id?: string | undefined;
  flow?: string | undefined;
  states?: readonly BackfillState[] | undefined;
  /** Only backfills older than this one. */
  before?: string | undefined;
}

/** Backfills, newest first. */
export async function listBackfills(
  sql: Queryable,
  filter: BackfillFilter,
  limit: number,
): Promise<BackfillViewRow[]> {
  const result = await sql.query<BackfillViewRow>(
    `select b.id, b.flow_id as "flowId", f.name as "flowName", v.number as revision,
            l.number as "latestRevision", b.state, b.request - 'spans' - 'sets' as request,
            b.plan_hash as "planHash", b.params, ${hidingSchemas("v")} as schemas, b.range_start as "rangeStart",
            b.range_end as "rangeEnd", b.timezone, b.concurrency, b.canary,
            b.stop_after as "stopAfter", b.total, counts.body as counts, pace.body as pace, b.pause,
            b.reason, b.created_by as "createdBy", b.created_at as "createdAt",
            b.started_at as "startedAt", b.finished_at as "finishedAt", b.version,
            clock_timestamp() as now
       from backfill b
       join flow f on f.id = b.flow_id
       join revision v on v.id = b.revision_id
       join revision l on l.id = f.latest_revision_id
       cross join lateral (
         select coalesce(json_object_agg(state, n), '{}') as body
           from (select state, count(*)::int as n from backfill_row
                  where backfill_id = b.id group by state) c) counts
       cross join lateral (
         select json_build_object('ended', count(*)::int, 'since',
                  case when count(*) < ${PACE_ROWS} then min(went.at) else min(e.ended_at) end) as body
           from (select max(at) as at from backfill_event
                  where backfill_id = b.id and verb in ('started', 'resumed', 'retried')) went
           left join lateral (
             select ended_at from backfill_row
              where backfill_id = b.id and ended_at > went.at and b.finished_at is null
              order by ended_at desc limit ${PACE_ROWS}) e on e.ended_at is not null
          where e.ended_at is not null) pace
      where ($1::bigint is null or b.id = $1) and ($2::text is null or b.flow_id = $2)
        and ($3::text[] is null or b.state::text = any($3))
        and ($4::bigint is null or b.id < $4)
      order by b.id desc limit $5`,
    [filter.id ?? null, filter.flow ?? null, filter.states ?? null, filter.before ?? null, limit],
  );
  return result.rows;
}

/** How many chosen rows repeat the effects of tasks that succeeded. */
export async function countGuardedRows(sql: Queryable, id: string): Promise<number> {
  const result = await sql.query<{ n: number }>(
    "select count(*)::int as n from backfill_row where backfill_id = $1 and guarded",
    [id],
  );
  return result.rows[0]?.n ?? 0;
}

/** The newest events of a backfill, newest first. */
export async function listBackfillEvents(
  sql: Queryable,
  id: string,
  limit: number,
): Promise<BackfillEventView[]> {
  const result = await sql.query<Omit<BackfillEventView, "at"> & { at: Date }>(
    `select id, at, actor, verb, detail from backfill_event
      where backfill_id = $1 order by id desc limit $2`,
    [id, limit],
  );
  return result.rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}

interface RowOfLedger {
  ordinal: number;
  start: Date | null;
  end: Date | null;
  params: Record<string, Json> | null;
  schemas: ParamSchemas | null;
  chosen: boolean;
  reason: ReasonKind;
  reasonRun: string | null;
  guarded: boolean;
  state: RowState;
  run: string | null;
  tries: number;
  endedAt: Date | null;
  firstError: FirstError | null;
  problem: string | null;
  liveRun: string | null;
}

export interface WaitingBackfillRow extends WindowState {
  id: string;
  flow: string;
  flowName: string | null;
  /** Its rows are parameter sets instead of intervals. */
  overSets: boolean;
  waiting: number;
  startedAt: string;
}

/** Most backfills that wait at a time and are looked at. */
const MOST_WAITING = 50;

/**
 * Started backfills with rows that wait, and how their windows stand, oldest first, at most 50.
 * @param id only this one
 */
export async function listWaitingBackfills(
  sql: Queryable,
  id: string | null = null,
): Promise<WaitingBackfillRow[]> {
  const result = await sql.query<
    Omit<WaitingBackfillRow, "startedAt" | "canary"> & {
      startedAt: Date;
      canary: number;
      last: number | null;
    }
  >(
    `select b.id, b.flow_id as flow, f.name as "flowName", b.state, b.concurrency, b.canary,
            b.started_at as "startedAt", c.waiting, c.running, c.over_sets as "overSets",
            case when b.canary > 0 then (
              select max(ordinal) from (
                select ordinal from backfill_row where backfill_id = b.id and chosen
                 order by ordinal limit b.canary) k) end as last
       from backfill b join flow f on f.id = b.flow_id
       join lateral (
         select count(*) filter (where state = 'waiting')::int as waiting,
                count(*) filter (where state = 'running')::int as running,
                bool_and(interval_start is null) as over_sets
           from backfill_row where backfill_id = b.id and state in ('waiting', 'running')) c on true
      where b.started_at is not null and b.finished_at is null and c.waiting > 0
        and ($1::bigint is null or b.id = $1)
      order by b.id limit ${MOST_WAITING}`,
    [id],
  );
  return result.rows.map(({ startedAt, canary, last, ...row }) => ({
    ...row,
    canary: last === null ? null : { rows: canary, last },
    startedAt: startedAt.toISOString(),
  }));
}

/**
 * The run that `w` waits for, a row of the started backfill `b`: live, and of the same interval with
 * no other parameters, or of no interval with the same ones. `findNextRows` passes such rows over.
 */
const LIVE_RUN = `(
  select r.id from run r
   where r.flow_id = b.flow_id and r.finished_at is null
     and case when w.interval_start is null then r.interval_start is null and r.params = w.params
              else r.interval_start = w.interval_start and r.interval_end = w.interval_end
                   and ${paramsAgree("r.params", "b.params")} end
   order by r.id limit 1)`;

/** Rows in the order of work, after the one with the ordinal `after`. */
export async function listBackfillRows(
  sql: Queryable,
  id: string,
  { states, after }: { states?: readonly RowState[] | undefined; after: number },
  limit: number,
): Promise<BackfillRowView[]> {
  const result = await sql.query<RowOfLedger>(
    `select w.ordinal, w.interval_start as start, w.interval_end as end, w.params,
            ${hidingSchemas("v")} as schemas, w.chosen, w.reason,
            w.reason_run_id as "reasonRun", w.guarded, w.state, w.run_id as run, w.tries,
            w.ended_at as "endedAt", w.problem,
            case when w.state in ('failed', 'cancelled') then r.first_error end as "firstError",
            case when w.state = 'waiting' and b.started_at is not null then ${LIVE_RUN} end as "liveRun"
       from backfill_row w join backfill b on b.id = w.backfill_id
       join revision v on v.id = b.revision_id left join run r on r.id = w.run_id
      where w.backfill_id = $1 and w.ordinal > $2
        and ($3::text[] is null or w.state = any($3::backfill_row_state[]))
      order by w.ordinal limit $4`,
    [id, after, states ?? null, limit],
  );
  const waits = result.rows.some(({ state }) => state === "waiting");
  const [window] = waits ? await listWaitingBackfills(sql, id) : [];
  return result.rows.map((row) => ({
    ordinal: row.ordinal,
    interval: intervalOf(row.start, row.end),
    params: row.params === null ? null : hideWriteOnly(row.schemas, row.params),
    decision: row.chosen ? "run" : "skip",
    reason: { kind: row.reason, run: row.reasonRun },
    guarded: row.guarded,
    state: row.state,
    run: row.run,
    tries: row.tries,
    endedAt: iso(row.endedAt),
    firstError: row.firstError,
    problem: row.problem,
    waits: row.state === "waiting" && window !== undefined ? whyRowWaits(window, row) : null,
  }));
}

const CELL_STATES = `array['${rowStates.join("', '")}']::backfill_row_state[]`;

/** All rows in compact form, as of one moment; null when there is no such backfill. */
export async function readCells(sql: Queryable, id: string): Promise<BackfillCells | null> {
  // One statement, so that the version and the rows are of one moment.
  const result = await sql.query<Omit<BackfillCells, "id"> & { timed: boolean }>(
    `select b.version, b.total, b.range_start is not null as timed,
            coalesce(w.starts, '[]') as starts, coalesce(w.ends, '[]') as ends,
            coalesce(w.states, '[]') as states, coalesce(w.decisions, '[]') as decisions,
            coalesce(w.runs, '[]') as runs
       from backfill b
       cross join lateral (
         select json_agg((extract(epoch from interval_start) * 1000)::bigint order by ordinal) as starts,
                json_agg((extract(epoch from interval_end) * 1000)::bigint order by ordinal) as ends,
                json_agg(array_position(${CELL_STATES}, state) - 1 order by ordinal) as states,
                json_agg(case when chosen then 0 else 1 end order by ordinal) as decisions,
                json_agg(run_id::text order by ordinal) as runs
           from backfill_row where backfill_id = b.id) w
      where b.id = $1`,
    [id],
  );
  const [row] = result.rows;
  if (row === undefined) return null;
  const { timed, starts, ends, ...cells } = row;
  return { id, ...cells, starts: timed ? starts : null, ends: timed ? ends : null };
}

/** What was asked for; null when there is no such backfill. */
export async function findRequest(sql: Queryable, id: string): Promise<BackfillRequest | null> {
  const result = await sql.query<{ request: BackfillRequest }>(
    "select request from backfill where id = $1",
    [id],
  );
  return result.rows[0]?.request ?? null;
}

/** Rows that changed after a version. */
export async function readChangedCells(
  sql: Queryable,
  id: string,
  version: string,
): Promise<ChangedCells> {
  const result = await sql.query<ChangedCells>(
    `select coalesce(json_agg(ordinal order by ordinal), '[]') as ordinals,
            coalesce(json_agg(array_position(${CELL_STATES}, state) - 1 order by ordinal), '[]') as states,
            coalesce(json_agg(run_id::text order by ordinal), '[]') as runs
       from backfill_row where backfill_id = $1 and version > $2`,
    [id, version],
  );
  return result.rows[0] ?? { ordinals: [], states: [], runs: [] };
}
