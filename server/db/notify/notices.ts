/**
 * Notices: what people are told about, and incidents, which keep it to one notice for each flow and
 * interval. Writers run inside the transaction of what happened, so that neither is without the other.
 */

import type { PoolClient } from "pg";
import { hideWriteOnly, type ParamSchemas } from "#server/core/flow/params/write-only.ts";
import type { Inbox, NoticeDetail, NoticeEvent, NoticeView } from "../../core/notify/view.ts";
import { hidingSchemas } from "../flow/hidden-params.ts";
import type { Queryable } from "../sql.ts";

/** What runs of one incident have in common: their interval, or without one their parameters. */
const keyOf = (run: string) =>
  `coalesce(to_char(${run}.interval_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS') || '/' ||
            to_char(${run}.interval_end at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS'),
            'params ' || md5(${run}.params::text))`;

/** The number below `run` and below every run of the flow that has not ended. */
const endedBefore = (flow: string, run: string) =>
  `least(${run}, (select min(o.id) from run o where o.flow_id = ${flow} and o.finished_at is null)) - 1`;

export interface NewNotice {
  event: NoticeEvent;
  flowId?: string;
  runId?: string;
  incidentId?: string;
  backfillId?: string;
  /** Whose `notify` says which channels; absent: those that are told by default. */
  revisionId?: string;
  detail?: NoticeDetail;
}

/** Records a notice and a delivery for each channel that is to be told. @returns its id */
export async function insertNotice(client: PoolClient, notice: NewNotice): Promise<string> {
  // Who wants to hear of failures wants to hear of this one.
  const events = notice.event === "timed_out" ? ["timed_out", "failed"] : [notice.event];
  const result = await client.query<{ id: string }>(
    `with said as (
       select item from revision v, jsonb_array_elements(v.spec -> 'notify') item where v.id = $6
     ), wanted as (
       select distinct item ->> 'to' as name from said where item -> 'on' ?| $7::text[]
     ), told as (
       select c.id, c.name from channel c
        where c.removed_at is null
          and case when exists (select from said) then c.name in (select name from wanted)
                   else c.by_default end
     ), made as (
       insert into notice (event, flow_id, run_id, incident_id, backfill_id, detail, unknown_channels)
       values ($1, $2, $3, $4, $5, $8::jsonb,
               array(select name from wanted where name not in (select name from told) order by name))
       returning id
     ), sent as (
       insert into delivery (channel_id, notice_id, created_by)
       select told.id, made.id, 'engine' from told, made order by told.id
     )
     select id from made`,
    [
      notice.event,
      notice.flowId ?? null,
      notice.runId ?? null,
      notice.incidentId ?? null,
      notice.backfillId ?? null,
      notice.revisionId ?? null,
      events,
      JSON.stringify(notice.detail ?? {}),
    ],
  );
  const row = result.rows[0];
  if (row === undefined) throw new Error("a notice was not stored");
  return row.id;
}

/**
 * A run has just failed: opens an incident of its flow and interval with a notice, or counts it to
 * the one that is open. One that is over without anybody having looked is closed first, so that it
 * makes no difference to what is told how often somebody looks. Runs of a backfill are told about by
 * the end of the backfill alone, runs that a task has made by the run of that task.
 */
export async function recordFailedRun(client: PoolClient, runId: string): Promise<void> {
  await closeIncidents(client, 1, runId);
  const result = await client.query<{
    id: string;
    fresh: boolean;
    flowId: string;
    revisionId: string;
    timedOut: boolean;
  }>(
    `with failed as (
       select r.id, r.flow_id, r.revision_id, r.interval_start, ${keyOf("r")} as key,
              exists (select from task_run t join attempt a
                        on a.run_id = t.run_id and a.ordinal = t.ordinal and a.attempt = t.attempt
                       where t.run_id = r.id and t.state = 'failed' and a.state = 'timed_out') as timed_out
         from run r where r.id = $1 and r.backfill_id is null and r.caller_run_id is null
     ), incident as (
       insert into incident (flow_id, key, interval_start, first_run_id, last_run_id, seen_run_id)
       select flow_id, key, interval_start, id, id, ${endedBefore("failed.flow_id", "failed.id")} from failed
       on conflict (flow_id, key) where closed_at is null
       do update set failures = incident.failures + 1, last_run_id = excluded.last_run_id, last_at = now()
       returning id, failures = 1 as fresh
     )
     select i.id, i.fresh, f.flow_id as "flowId", f.revision_id as "revisionId", f.timed_out as "timedOut"
       from incident i, failed f`,
    [runId],
  );
  const row = result.rows[0];
  if (row === undefined || !row.fresh) return;
  await insertNotice(client, {
    event: row.timedOut ? "timed_out" : "failed",
    flowId: row.flowId,
    runId,
    incidentId: row.id,
    revisionId: row.revisionId,
  });
}

/**
 * Closes incidents whose flow and interval have succeeded since they last failed, with a notice each.
 * Success itself tells nobody: it is found here. Safe to race: an incident is closed by one caller.
 * @param of null: of all runs; otherwise only the incident that this run belongs to
 * @returns how many were closed
 */
export async function closeIncidents(
  client: PoolClient,
  limit: number,
  of: string | null = null,
): Promise<number> {
  const progress = of === null ? await findProgress(client) : [];
  // Which runs can belong to an incident at all is found by an index, in either case.
  const since = (which: string) => `
    select i.id, s.id as run_id, s.revision_id
      from looked i, lateral (
             select r.id, r.revision_id from run r
              where r.flow_id = i.flow_id and ${which} and r.state = 'succeeded'
                and r.finished_at > i.last_at and r.finished_at <= now()::timestamptz(3)
                and ${keyOf("r")} = i.key
              order by r.finished_at, r.id limit 1) s`;
  const result = await client.query<{
    id: string;
    flowId: string;
    runId: string;
    revisionId: string;
    failures: number;
  }>(
    `with looked as (
       select i.* from incident i
        where i.closed_at is null
          and ($2::bigint is null
               or (i.flow_id, i.key) = (select r.flow_id, ${keyOf("r")} from run r where r.id = $2))
     ), over as (
       ${since("i.interval_start is null and r.id > i.seen_run_id")}
       union all
       ${since("r.interval_start = i.interval_start")}
     ), held as (
       select i.id from incident i where i.id in (select id from over) and i.closed_at is null
        order by i.id limit $1 for no key update skip locked
     )
     update incident i set closed_at = now(), closed_run_id = o.run_id
       from held h join over o on o.id = h.id where i.id = h.id
     returning i.id, i.flow_id as "flowId", o.run_id as "runId", o.revision_id as "revisionId", i.failures`,
    [limit, of],
  );
  await storeProgress(client, progress);
  for (const { id, flowId, runId, revisionId, failures } of result.rows) {
    await insertNotice(client, {
      event: "recovered",
      flowId,
      runId,
      incidentId: id,
      revisionId,
      detail: { failures },
    });
  }
  return result.rows.length;
}

/** So many runs may be looked at again and again before it is worth writing down that they have been. */
const PROGRESS_STEP = 500;

/**
 * How far open incidents without an interval will have been looked at by whoever looks next: a run
 * up to there has ended. The newest are left out, for one with a smaller number may not be visible yet.
 */
async function findProgress(client: PoolClient): Promise<{ id: string; seen: string }[]> {
  const result = await client.query<{ id: string; seen: string }>(
    `select i.id, p.seen from incident i, lateral (
       select ${endedBefore(
         "i.flow_id",
         `(select r.id from run r where r.flow_id = i.flow_id and r.created_at < now() - interval '1 minute'
            order by r.id desc limit 1)`,
       )} as seen) p
      where i.closed_at is null and i.interval_start is null and p.seen >= i.seen_run_id + $1`,
    [PROGRESS_STEP],
  );
  return result.rows;
}

async function storeProgress(
  client: PoolClient,
  progress: readonly { id: string; seen: string }[],
): Promise<void> {
  if (progress.length === 0) return;
  await client.query(
    `update incident i set seen_run_id = greatest(i.seen_run_id, p.seen)
       from unnest($1::bigint[], $2::bigint[]) as p(id, seen)
      where i.id = p.id and i.closed_at is null`,
    [progress.map(({ id }) => id), progress.map(({ seen }) => seen)],
  );
}

/** Revision whose `notify` speaks for a backfill, and its flow; null when there is none. */
export async function findBackfillOrigin(
  client: PoolClient,
  id: string,
): Promise<{ flowId: string; revisionId: string } | null> {
  const result = await client.query<{ flowId: string; revisionId: string }>(
    `select flow_id as "flowId", revision_id as "revisionId" from backfill where id = $1`,
    [id],
  );
  return result.rows[0] ?? null;
}

const NOTICE = `n.id, n.event, n.at, n.read_at is not null as read, n.flow_id as flow, f.name as "flowName",
  n.backfill_id as backfill, n.detail, n.unknown_channels as "unknownChannels",
  case when i.id is not null
       then json_build_object('failures', i.failures, 'open', i.closed_at is null) end as incident,
  case when r.id is not null then json_build_object(
    'id', r.id::text, 'state', r.state, 'timezone', r.timezone, 'params', r.params,
    'firstError', r.first_error, 'start', r.interval_start, 'end', r.interval_end,
    'schemas', ${hidingSchemas("v")}) end as run`;
const NOTICES = `notice n left join flow f on f.id = n.flow_id left join run r on r.id = n.run_id
  left join revision v on v.id = r.revision_id left join incident i on i.id = n.incident_id`;

interface RawNotice extends Omit<NoticeView, "at" | "run"> {
  at: Date;
  run:
    | (Omit<NonNullable<NoticeView["run"]>, "interval"> & {
        start: string | null;
        end: string | null;
        schemas: ParamSchemas | null;
      })
    | null;
}

function readNotice({ at, run, ...rest }: RawNotice): NoticeView {
  if (run === null) return { ...rest, at: at.toISOString(), run };
  const { start, end, schemas, params, ...other } = run;
  const utc = (text: string) => new Date(text).toISOString();
  return {
    ...rest,
    at: at.toISOString(),
    run: {
      ...other,
      params: hideWriteOnly(schemas, params),
      interval: start === null || end === null ? null : { start: utc(start), end: utc(end) },
    },
  };
}

/** One notice as people see it, or null. */
export async function findNotice(sql: Queryable, id: string): Promise<NoticeView | null> {
  const result = await sql.query<RawNotice>(`select ${NOTICE} from ${NOTICES} where n.id = $1`, [
    id,
  ]);
  return result.rows.map(readNotice)[0] ?? null;
}

export interface InboxFilter {
  unread: boolean;
  event: NoticeEvent | null;
  flow: string | null;
  /** Id of the last notice of the page before. */
  before: string | null;
}

/** Newest first, at most `limit`. */
export async function listNotices(
  sql: Queryable,
  filter: InboxFilter,
  limit: number,
): Promise<Inbox> {
  const result = await sql.query<RawNotice>(
    `select ${NOTICE} from ${NOTICES}
      where (not $1 or n.read_at is null) and ($2::text is null or n.event = $2)
        and ($3::text is null or n.flow_id = $3) and ($4::bigint is null or n.id < $4)
      order by n.id desc limit $5`,
    [filter.unread, filter.event, filter.flow, filter.before, limit + 1],
  );
  const items = result.rows.slice(0, limit).map(readNotice);
  const more = result.rows.length > limit;
  return { items, next: more ? (items.at(-1)?.id ?? null) : null, unread: await countUnread(sql) };
}

/** Unread notices, counted up to 100. */
export async function countUnread(sql: Queryable): Promise<number> {
  const result = await sql.query<{ n: number }>(
    `select count(*)::int as n from (select from notice where read_at is null order by id desc limit 100) u`,
  );
  return result.rows[0]?.n ?? 0;
}

/** @param ids null: all that exist up to `upTo` */
export async function markRead(
  sql: Queryable,
  ids: readonly string[] | null,
  upTo: string | null,
  by: string,
): Promise<number> {
  const result = await sql.query(
    `update notice set read_at = now(), read_by = $3
      where read_at is null and ($1::bigint[] is null or id = any($1)) and ($2::bigint is null or id <= $2)`,
    [ids, upTo, by],
  );
  return result.rowCount ?? 0;
}
