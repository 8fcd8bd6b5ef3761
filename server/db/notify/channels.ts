/** Channels, and deliveries on their way to them with every try. */
import type {
  ChannelDraft,
  ChannelKind,
  ChannelView,
  DeliveryList,
  DeliveryState,
  DeliveryView,
  Language,
} from "../../core/notify/channel.ts";
import type { ReceiverFault } from "../../core/notify/receiver-fault.ts";
import type { Queryable } from "../sql.ts";
import { nextTries } from "./delivery-jobs.ts";

export async function listChannels(sql: Queryable): Promise<ChannelView[]> {
  const result = await sql.query<
    Omit<ChannelView, "createdAt" | "last"> & {
      createdAt: Date;
      state: DeliveryState | null;
      endedAt: Date | null;
      delivery: string | null;
      message: string | null;
      fault: ReceiverFault | null;
    }
  >(
    `select c.name, c.kind, c.settings, c.language, c.by_default as "byDefault",
            c.secret is not null as "hasSecret", c.created_at as "createdAt",
            c.created_by as "createdBy", d.state, coalesce(d.ended_at, t.at) as "endedAt", d.id as delivery, t.message, t.fault
       from channel c
       left join lateral (select * from delivery where channel_id = c.id
                            and (ended_at is not null or exists (
                              select from delivery_try where delivery_id = delivery.id))
                           order by id desc limit 1) d on true
       left join lateral (select message, fault, at from delivery_try where delivery_id = d.id
                           order by number desc limit 1) t on true
      where c.removed_at is null order by c.name`,
  );
  const next = await nextTries(
    sql,
    result.rows.flatMap(({ state, delivery }) =>
      state === "waiting" && delivery !== null ? [delivery] : [],
    ),
  );
  return result.rows.map(({ state, endedAt, delivery, message, fault, createdAt, ...row }) => ({
    ...row,
    createdAt: createdAt.toISOString(),
    last:
      state === null || endedAt === null
        ? null
        : {
            state,
            at: endedAt.toISOString(),
            message,
            fault,
            nextTryAt: next.get(delivery ?? "") ?? null,
          },
  }));
}

/** @returns false when the name is taken */
export async function insertChannel(
  sql: Queryable,
  draft: ChannelDraft,
  secret: Buffer | null,
  by: string,
): Promise<boolean> {
  const result = await sql.query(
    `insert into channel (name, kind, settings, secret, language, by_default, created_by)
     values ($1, $2, $3::jsonb, $4, $5, $6, $7) on conflict do nothing`,
    [
      draft.name,
      draft.kind,
      JSON.stringify(draft.settings),
      secret,
      draft.language,
      draft.byDefault,
      by,
    ],
  );
  return result.rowCount === 1;
}

/** @param secret undefined: as it was. @returns false when there is no such channel of that kind */
export async function updateChannel(
  sql: Queryable,
  draft: ChannelDraft,
  secret: Buffer | undefined,
): Promise<boolean> {
  const result = await sql.query(
    `update channel set settings = $3::jsonb, language = $4, by_default = $5,
            secret = coalesce($6, secret), changed_at = now()
      where name = $1 and kind = $2 and removed_at is null`,
    [
      draft.name,
      draft.kind,
      JSON.stringify(draft.settings),
      draft.language,
      draft.byDefault,
      secret ?? null,
    ],
  );
  return result.rowCount === 1;
}

/** @returns false when there is no webhook of that name */
export async function replaceSecret(
  sql: Queryable,
  name: string,
  secret: Buffer,
): Promise<boolean> {
  const result = await sql.query(
    `update channel set secret = $2, changed_at = now()
      where name = $1 and kind = 'webhook' and removed_at is null`,
    [name, secret],
  );
  return result.rowCount === 1;
}

/** Takes a channel out of service and forgets its secret. Its deliveries stay on record. */
export async function removeChannel(sql: Queryable, name: string): Promise<boolean> {
  const result = await sql.query(
    `update channel set removed_at = now(), secret = null where name = $1 and removed_at is null`,
    [name],
  );
  return result.rowCount === 1;
}

/** @returns the id of the new delivery, or null when there is no such channel */
export async function insertTest(sql: Queryable, name: string, by: string): Promise<string | null> {
  const result = await sql.query<{ id: string }>(
    `insert into delivery (channel_id, created_by)
     select id, $2 from channel where name = $1 and removed_at is null returning id`,
    [name, by],
  );
  return result.rows[0]?.id ?? null;
}

/** A new delivery of what an earlier one carried; null when that or its channel is gone. */
export async function insertResend(sql: Queryable, id: string, by: string): Promise<string | null> {
  const result = await sql.query<{ id: string }>(
    `insert into delivery (channel_id, notice_id, resent_of, created_by)
     select d.channel_id, d.notice_id, d.id, $2 from delivery d
       join channel c on c.id = d.channel_id and c.removed_at is null
      where d.id = $1 returning id`,
    [id, by],
  );
  return result.rows[0]?.id ?? null;
}

/** What is needed to deliver. */
export interface OpenDelivery {
  id: string;
  noticeId: string | null;
  name: string;
  kind: ChannelKind;
  settings: unknown;
  secret: Buffer | null;
  language: Language;
  removed: boolean;
  tries: number;
}

/** A delivery that has not ended, or null. */
export async function findOpenDelivery(sql: Queryable, id: string): Promise<OpenDelivery | null> {
  const result = await sql.query<OpenDelivery>(
    `select d.id, d.notice_id as "noticeId", c.name, c.kind, c.settings, c.secret, c.language,
            c.removed_at is not null as removed,
            (select count(*)::int from delivery_try t where t.delivery_id = d.id) as tries
       from delivery d join channel c on c.id = d.channel_id where d.id = $1 and d.state = 'waiting'`,
    [id],
  );
  return result.rows[0] ?? null;
}

/** Records a try, and the end of the delivery unless `state` is waiting. */
export async function recordTry(
  sql: Queryable,
  id: string,
  outcome: {
    number: number;
    ms: number;
    ok: boolean;
    message: string;
    fault: ReceiverFault | null;
  },
  state: DeliveryState,
): Promise<void> {
  await sql.query(
    `with tried as (
       insert into delivery_try (delivery_id, number, ms, ok, message, fault)
       values ($1, $2, $3, $4, $5, $7)
     )
     update delivery set state = $6, ended_at = case when $6 <> 'waiting' then now() end where id = $1`,
    [id, outcome.number, outcome.ms, outcome.ok, outcome.message, state, outcome.fault],
  );
}

/** Ends a delivery whose channel has been removed. */
export async function dropDelivery(sql: Queryable, id: string): Promise<void> {
  await sql.query(
    "update delivery set state = 'dropped', ended_at = now() where id = $1 and state = 'waiting'",
    [id],
  );
}

const LOCK = [0x1de3, 1] as const;

/** True when the session of `sql` is the one that delivers, until its connection ends. */
export async function becomeDeliverer(sql: Queryable): Promise<boolean> {
  const result = await sql.query<{ mine: boolean }>("select pg_try_advisory_lock($1, $2) as mine", [
    ...LOCK,
  ]);
  return result.rows[0]?.mine === true;
}

/** Whether some process delivers notifications now. */
export async function hasDeliverer(sql: Queryable): Promise<boolean> {
  const result = await sql.query<{ up: boolean }>(
    `select exists (select from pg_locks l join pg_database d on d.oid = l.database
                     where l.locktype = 'advisory' and l.granted and d.datname = current_database()
                       and l.classid = $1::int::oid and l.objid = $2::int::oid and l.objsubid = 2) as up`,
    [...LOCK],
  );
  return result.rows[0]?.up === true;
}

/** Newest first. */
export async function listDeliveries(
  sql: Queryable,
  filter: { channel: string | null; state: DeliveryState | null; before: string | null },
  limit: number,
): Promise<DeliveryList> {
  const result = await sql.query<
    Omit<DeliveryView, "createdAt" | "nextTryAt"> & { createdAt: Date }
  >(
    `select d.id, c.name as channel, c.kind, n.event, n.id as notice, n.flow_id as flow,
            n.run_id as run, n.backfill_id as backfill, n.detail ->> 'runner' as runner, d.state, d.resent_of as "resentOf", d.created_by as "createdBy",
            d.created_at as "createdAt",
            coalesce((select json_agg(json_build_object('number', number, 'ms', ms, 'ok', ok,
                        'message', message, 'fault', fault, 'at',
                        to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) order by number)
                        from delivery_try where delivery_id = d.id), '[]') as tries
       from delivery d join channel c on c.id = d.channel_id left join notice n on n.id = d.notice_id
      where ($1::text is null or c.name = $1) and ($2::text is null or d.state = $2)
        and ($3::bigint is null or d.id < $3)
      order by d.id desc limit $4`,
    [filter.channel, filter.state, filter.before, limit + 1],
  );
  const shown = result.rows.slice(0, limit);
  const next = await nextTries(
    sql,
    shown.flatMap(({ id, state }) => (state === "waiting" ? [id] : [])),
  );
  const items = shown.map((row) => ({
    ...row,
    createdAt: row.createdAt.toISOString(),
    nextTryAt: next.get(row.id) ?? null,
  }));
  return { items, next: result.rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}
