/** Schedules: where each one stands in time, and what happened to it. */
import type { PoolClient } from "pg";
import type { Json, ScheduleSpec } from "#server/core/flow/spec.ts";
import type { ScheduleWrite, StoredSchedule } from "#server/core/schedule/sync.ts";
import type { Queryable } from "../sql.ts";

export interface ScheduleRef {
  flowId: string;
  key: string;
}

/** The schedules of a flow, dropped ones too, locked until the transaction ends; and the time. */
export async function lockSchedulesOf(
  client: PoolClient,
  flowId: string,
): Promise<{ now: number; schedules: StoredSchedule[] }> {
  const clock = await client.query<{ now: Date }>("select now() as now");
  const result = await client.query<{
    key: string;
    spec: ScheduleSpec;
    live: boolean;
    paused: boolean;
    nextTick: Date | null;
  }>(
    `select key, spec, dropped_at is null as live, paused_at is not null as paused,
            next_tick_at as "nextTick"
       from schedule where flow_id = $1 order by key for no key update`,
    [flowId],
  );
  return {
    now: clock.rows[0]?.now.getTime() ?? 0,
    schedules: result.rows.map((row) => ({ ...row, nextTick: row.nextTick?.getTime() ?? null })),
  };
}

/** Stores the schedules of a revision that is now the current one. */
export async function writeSchedules(
  client: PoolClient,
  flowId: string,
  revisionId: string,
  schedules: readonly (ScheduleWrite & { params: Record<string, Json> })[],
): Promise<void> {
  await client.query(
    `insert into schedule (flow_id, key, position, revision_id, spec, params, next_tick_at)
     select $1, key, position, $2, spec::jsonb, params::jsonb, next_tick_at
       from unnest($3::text[], $4::int[], $5::text[], $6::text[], $7::timestamptz[])
            as s(key, position, spec, params, next_tick_at)
     on conflict (flow_id, key) do update
        set position = excluded.position, revision_id = excluded.revision_id, spec = excluded.spec,
            params = excluded.params, next_tick_at = excluded.next_tick_at, dropped_at = null`,
    [
      flowId,
      revisionId,
      schedules.map(({ key }) => key),
      schedules.map(({ position }) => position),
      schedules.map(({ spec }) => JSON.stringify(spec)),
      schedules.map(({ params }) => JSON.stringify(params)),
      schedules.map(({ nextTick }) => isoOf(nextTick)),
    ],
  );
}

/** Takes schedules out of service that the current revision does not have. */
export async function dropSchedules(
  client: PoolClient,
  flowId: string,
  keys: readonly string[],
): Promise<void> {
  await client.query(
    `update schedule set dropped_at = now(), next_tick_at = null
      where flow_id = $1 and key = any($2)`,
    [flowId, keys],
  );
}

export interface NewScheduleEvent extends ScheduleRef {
  actor: string;
  verb: string;
  /** The tick it is about, milliseconds since 1970. */
  tick?: number;
  detail: Record<string, unknown>;
}

export async function insertScheduleEvents(
  client: PoolClient,
  events: readonly NewScheduleEvent[],
): Promise<void> {
  if (events.length === 0) return;
  await client.query(
    `insert into schedule_event (flow_id, schedule_key, actor, verb, tick_at, detail)
     select flow_id, key, actor, verb, tick_at, detail::jsonb
       from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[])
            with ordinality as e(flow_id, key, actor, verb, tick_at, detail, n) order by n`,
    [
      events.map((event) => event.flowId),
      events.map((event) => event.key),
      events.map((event) => event.actor),
      events.map((event) => event.verb),
      events.map((event) => isoOf(event.tick ?? null)),
      events.map((event) => JSON.stringify(event.detail)),
    ],
  );
}

/** A schedule of a flow's current revision. */
export interface ScheduleRow extends ScheduleRef {
  revisionId: string;
  revisionHash: string;
  spec: ScheduleSpec;
  params: Record<string, Json>;
  nextTick: number | null;
  paused: boolean;
  archived: boolean;
  /** Database time, milliseconds since 1970. */
  now: number;
}

const row = `s.flow_id as "flowId", s.key, s.revision_id as "revisionId", r.hash as "revisionHash",
  s.spec, s.params, s.next_tick_at as "nextTick", s.paused_at is not null as paused,
  f.archived_at is not null as archived, now() as now`;
const joined = `schedule s join revision r on r.id = s.revision_id join flow f on f.id = s.flow_id`;

type RawRow = Omit<ScheduleRow, "nextTick" | "now"> & { nextTick: Date | null; now: Date };

const read = (raw: RawRow): ScheduleRow => ({
  ...raw,
  nextTick: raw.nextTick?.getTime() ?? null,
  now: raw.now.getTime(),
});

/**
 * Schedules whose next tick has come, the longest due first, at most `limit`. Safe to race: each is
 * locked by one caller until its transaction ends, and others pass it over.
 * @param except these are left
 */
export async function lockDueSchedules(
  client: PoolClient,
  limit: number,
  except: readonly ScheduleRef[] = [],
): Promise<ScheduleRow[]> {
  const result = await client.query<RawRow>({
    name: "lock due schedules",
    text: `select ${row} from ${joined}
            where s.next_tick_at <= now()
              and not exists (select from unnest($2::text[], $3::text[]) as x(flow_id, key)
                               where x.flow_id = s.flow_id and x.key = s.key)
            order by s.next_tick_at, s.flow_id, s.key limit $1 for no key update of s skip locked`,
    values: [limit, except.map(({ flowId }) => flowId), except.map(({ key }) => key)],
  });
  return result.rows.map(read);
}

/** One schedule that is in service, locked until the transaction ends; null when there is none. */
export async function lockSchedule(
  client: PoolClient,
  ref: ScheduleRef,
): Promise<ScheduleRow | null> {
  const result = await client.query<RawRow>(
    `select ${row} from ${joined}
      where s.flow_id = $1 and s.key = $2 and s.dropped_at is null for no key update of s`,
    [ref.flowId, ref.key],
  );
  return result.rows.map(read)[0] ?? null;
}

/** Moves schedules on to the tick that they are to look at next. */
export async function moveSchedules(
  client: PoolClient,
  moves: readonly (ScheduleRef & { next: number | null })[],
): Promise<void> {
  await client.query({
    name: "move schedules",
    text: `update schedule s set next_tick_at = m.next
             from unnest($1::text[], $2::text[], $3::timestamptz[]) as m(flow_id, key, next)
            where s.flow_id = m.flow_id and s.key = m.key`,
    values: [
      moves.map(({ flowId }) => flowId),
      moves.map(({ key }) => key),
      moves.map(({ next }) => isoOf(next)),
    ],
  });
}

/** @param by who pauses it; null lets it go on */
export async function setPaused(
  client: PoolClient,
  ref: ScheduleRef,
  by: string | null,
  next: number | null,
): Promise<void> {
  await client.query(
    `update schedule set paused_at = case when $3::text is null then null else now() end,
            paused_by = $3, next_tick_at = $4
      where flow_id = $1 and key = $2`,
    [ref.flowId, ref.key, by, isoOf(next)],
  );
}

/** Runs of schedules that have not ended, oldest first. */
export async function findOpenRuns(
  sql: Queryable,
  schedules: readonly ScheduleRef[],
): Promise<(ScheduleRef & { id: string })[]> {
  const result = await sql.query<ScheduleRef & { id: string }>(
    `select r.id, r.flow_id as "flowId", r.schedule_key as key
       from unnest($1::text[], $2::text[]) as s(flow_id, key)
       join run r on r.flow_id = s.flow_id and r.schedule_key = s.key
      where r.schedule_key is not null and r.finished_at is null
      order by r.id`,
    [schedules.map(({ flowId }) => flowId), schedules.map(({ key }) => key)],
  );
  return result.rows;
}

/** Milliseconds until the next tick of any schedule, 0 when one is due; null when there is none. */
export async function untilNextTick(sql: Queryable): Promise<number | null> {
  const result = await sql.query<{ ms: number | null }>(
    `select greatest(0, extract(epoch from min(next_tick_at) - clock_timestamp()) * 1000)::float8 as ms
       from schedule where next_tick_at is not null`,
  );
  return result.rows[0]?.ms ?? null;
}

function isoOf(instant: number | null): string | null {
  return instant === null ? null : new Date(instant).toISOString();
}
