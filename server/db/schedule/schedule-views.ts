/** Schedules as pages show them. */

import type { ParamSchemas } from "#server/core/flow/params/write-only.ts";
import type { Json, ScheduleSpec } from "#server/core/flow/spec.ts";
import type { RunState } from "#server/core/run/states.ts";
import type { FirstError } from "#server/core/run/view.ts";
import type { MissedTicks, NextTickView, ScheduleEventView } from "#server/core/schedule/view.ts";
import { hidingSchemas } from "../flow/hidden-params.ts";
import { iso, type Queryable } from "../sql.ts";
import type { ScheduleRef } from "./schedules.ts";

export interface ScheduleViewRow extends ScheduleRef {
  flowName: string | null;
  position: number;
  spec: ScheduleSpec;
  /** Those of the flow's parameters, when one of them hides values; else null. */
  schemas: ParamSchemas | null;
  archived: boolean;
  nextTick: Date | null;
  pausedAt: Date | null;
  pausedBy: string | null;
  run: {
    id: string;
    tick: string;
    state: RunState;
    held: boolean;
    finishedAt: string | null;
    firstError: FirstError | null;
  } | null;
  event: { verb: string; tick: string | null; detail: Json } | null;
  missed: { at: string; detail: MissedTicks } | null;
  open: number;
  now: Date;
}

export interface ScheduleFilter {
  flow?: string | undefined;
  key?: string | undefined;
  /** Part of the flow's id or name. */
  text?: string | undefined;
  /** Only schedules after this one, in the order of the list. */
  after?: { flowId: string; position: number } | undefined;
}

/** Schedules of current revisions by flow and place in it, each with its newest outcome. */
export async function listSchedules(
  sql: Queryable,
  filter: ScheduleFilter,
  limit: number,
): Promise<ScheduleViewRow[]> {
  const result = await sql.query<ScheduleViewRow>(
    `select s.flow_id as "flowId", s.key, f.name as "flowName", s.position, s.spec,
            ${hidingSchemas("v")} as schemas,
            f.archived_at is not null as archived, s.next_tick_at as "nextTick",
            s.paused_at as "pausedAt", s.paused_by as "pausedBy", run.body as run,
            event.body as event, missed.body as missed,
            (select count(*)::int from run r
              where r.flow_id = s.flow_id and r.schedule_key = s.key
                and r.schedule_key is not null and r.finished_at is null) as open,
            now() as now
       from schedule s join flow f on f.id = s.flow_id join revision v on v.id = s.revision_id
       left join lateral (
         select json_build_object('id', r.id::text, 'tick', r.tick_at, 'state', r.state,
                  'held', r.held and r.finished_at is null, 'finishedAt', r.finished_at,
                  'firstError', r.first_error) as body
           from run r
          where r.flow_id = s.flow_id and r.schedule_key = s.key and r.tick_at is not null
          order by r.tick_at desc limit 1) run on true
       left join lateral (
         select json_build_object('verb', e.verb, 'tick', e.tick_at, 'detail', e.detail) as body
           from schedule_event e
          where e.flow_id = s.flow_id and e.schedule_key = s.key
            and e.verb in ('skipped', 'failed', 'missed')
          order by e.id desc limit 1) event on true
       left join lateral (
         select json_build_object('at', e.at, 'detail', e.detail) as body
           from schedule_event e
          where e.flow_id = s.flow_id and e.schedule_key = s.key and e.verb = 'missed'
            and e.at > now() - interval '7 days'
          order by e.id desc limit 1) missed on true
      where s.dropped_at is null and (f.archived_at is null or $1::text is not null)
        and ($1::text is null or s.flow_id = $1) and ($2::text is null or s.key = $2)
        and ($3::text is null or s.flow_id ilike $3 or f.name ilike $3)
        and ($4::text is null or (s.flow_id, s.position) > ($4, $5::int))
      order by s.flow_id, s.position limit $6`,
    [
      filter.flow ?? null,
      filter.key ?? null,
      filter.text === undefined ? null : `%${filter.text.replace(/[\\%_]/g, "\\$&")}%`,
      filter.after?.flowId ?? null,
      filter.after?.position ?? null,
      limit,
    ],
  );
  return result.rows;
}

/** The newest events of a schedule, newest first. */
export async function listScheduleEvents(
  sql: Queryable,
  ref: ScheduleRef,
  limit: number,
): Promise<ScheduleEventView[]> {
  const result = await sql.query<Omit<ScheduleEventView, "at" | "tick"> & { at: Date; tick: Date }>(
    `select id, at, actor, verb, tick_at as tick, detail from schedule_event
      where flow_id = $1 and schedule_key = $2 order by id desc limit $3`,
    [ref.flowId, ref.key, limit],
  );
  return result.rows.map((row) => ({ ...row, at: row.at.toISOString(), tick: iso(row.tick) }));
}

/** The ticks that come first over all flows, one for each schedule. */
export async function listNextTicks(sql: Queryable, limit: number): Promise<NextTickView[]> {
  const result = await sql.query<Omit<NextTickView, "tick"> & { tick: Date }>(
    `select s.flow_id as flow, f.name as "flowName", s.key, s.next_tick_at as tick,
            s.spec ->> 'timezone' as timezone
       from schedule s join flow f on f.id = s.flow_id
      where s.next_tick_at is not null and f.archived_at is null
      order by s.next_tick_at, s.flow_id, s.key limit $1`,
    [limit],
  );
  return result.rows.map((row) => ({ ...row, tick: row.tick.toISOString() }));
}

/** How many schedules missed ticks, or could not fire, within the last 24 hours. */
export async function countTroubledSchedules(sql: Queryable): Promise<number> {
  const result = await sql.query<{ n: number }>(
    `select count(distinct (flow_id, schedule_key))::int as n from schedule_event
      where at > now() - interval '24 hours' and verb in ('missed', 'failed')`,
  );
  return result.rows[0]?.n ?? 0;
}
