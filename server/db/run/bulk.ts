/** Bulk actions and their items. An item is worked off in the transaction that does what it asks. */
import type { PoolClient } from "pg";
import type {
  BulkItemView,
  BulkKind,
  BulkPreview,
  BulkState,
  BulkView,
} from "#server/core/run/bulk-view.ts";
import { MAX_BULK_RUNS } from "#server/core/run/bulk-view.ts";
import type { RunFilter } from "#server/core/run/view.ts";
import { intervalOf, iso, type Queryable } from "../sql.ts";
import { conditionsOf } from "./run-views.ts";

/** The states in which a run can be acted upon. */
const actedUpon: Record<BulkKind, readonly string[]> = {
  rerun: ["succeeded", "failed", "cancelled"],
  cancel: ["queued", "running"],
};

/** SELECT of the ids that a bulk action acts upon, at most one more than allowed, oldest first. */
function targets(kind: BulkKind, filter: RunFilter, highWater: string, values: unknown[]): string {
  const conditions = conditionsOf(filter, values);
  values.push(actedUpon[kind]);
  conditions.push(`state = any($${values.length}::run_state[])`);
  values.push(highWater);
  conditions.push(`id <= $${values.length}::bigint`);
  return `select id from run where ${conditions.join(" and ")} order by id limit ${MAX_BULK_RUNS + 1}`;
}

export async function previewBulk(
  sql: Queryable,
  kind: BulkKind,
  filter: RunFilter,
): Promise<BulkPreview> {
  const newest = await sql.query<{ id: string }>("select coalesce(max(id), 0) as id from run");
  const highWater = newest.rows[0]?.id ?? "0";
  const values: unknown[] = [];
  const counted = await sql.query<{ n: number }>(
    `select count(*)::int as n from (${targets(kind, filter, highWater, values)}) t`,
    values,
  );
  return { kind, count: counted.rows[0]?.n ?? 0, highWater };
}

export interface NewBulk {
  kind: BulkKind;
  scope: "all" | "failed" | null;
  filter: RunFilter;
  highWater: string;
  reason: string | null;
  createdBy: string;
  idempotencyKey: string;
  requestHash: string;
}

export type InsertedBulk =
  | { created: true; id: string; total: number }
  | { created: false; id: string; requestHash: string };

/**
 * Stores a bulk action with one pending item for each run that matches now. Safe to race: of several
 * inserts with one idempotency key, one creates it and the others get its id.
 */
export async function insertBulk(client: PoolClient, bulk: NewBulk): Promise<InsertedBulk> {
  const inserted = await client.query<{ id: string }>(
    `insert into bulk_action (kind, scope, filter, high_water, total, reason, created_by,
            idempotency_key, request_hash)
     values ($1::bulk_kind, $2, $3, $4, 0, $5, $6, $7, $8)
     on conflict (idempotency_key) do nothing returning id`,
    [
      bulk.kind,
      bulk.scope,
      JSON.stringify(bulk.filter),
      bulk.highWater,
      bulk.reason,
      bulk.createdBy,
      bulk.idempotencyKey,
      bulk.requestHash,
    ],
  );
  const id = inserted.rows[0]?.id;
  if (id === undefined) {
    const known = await client.query<{ id: string; requestHash: string }>(
      `select id, request_hash as "requestHash" from bulk_action where idempotency_key = $1`,
      [bulk.idempotencyKey],
    );
    const existing = known.rows[0];
    if (existing === undefined) throw new Error("the bulk action of this key vanished");
    return { created: false, ...existing };
  }
  const values: unknown[] = [];
  const select = targets(bulk.kind, bulk.filter, bulk.highWater, values);
  values.push(id);
  const items = await client.query(
    `insert into bulk_item (bulk_id, run_id) select $${values.length}, id from (${select}) t`,
    values,
  );
  const total = items.rowCount ?? 0;
  await client.query("update bulk_action set total = $2 where id = $1", [id, total]);
  return { created: true, id, total };
}

export interface HeldItem {
  bulkId: string;
  runId: string;
  kind: BulkKind;
  scope: "all" | "failed" | null;
  reason: string | null;
  createdBy: string;
}

/** Locks pending items, oldest first. Safe to race: items that others have locked are passed over. */
export async function holdItems(client: PoolClient, limit: number): Promise<HeldItem[]> {
  const result = await client.query<HeldItem>(
    `select i.bulk_id as "bulkId", i.run_id as "runId", a.kind, a.scope, a.reason,
            a.created_by as "createdBy"
       from bulk_item i join bulk_action a on a.id = i.bulk_id
      where i.state = 'pending'
      order by i.bulk_id, i.run_id limit $1 for no key update of i skip locked`,
    [limit],
  );
  return result.rows;
}

export interface ItemEnd {
  state: Exclude<BulkState, "pending">;
  newRunId: string | null;
  code: string | null;
  message: string | null;
}

/** Ends items that are held in the same transaction. */
export async function endItems(
  client: PoolClient,
  ends: readonly { item: HeldItem; end: ItemEnd }[],
): Promise<void> {
  await client.query(
    `update bulk_item i set state = e.state::bulk_state, new_run_id = e.new_run_id, code = e.code,
            message = e.message, ended_at = clock_timestamp()
       from unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::text[])
            as e(bulk_id, run_id, state, new_run_id, code, message)
      where i.bulk_id = e.bulk_id and i.run_id = e.run_id and i.state = 'pending'`,
    [
      ends.map(({ item }) => item.bulkId),
      ends.map(({ item }) => item.runId),
      ends.map(({ end }) => end.state),
      ends.map(({ end }) => end.newRunId),
      ends.map(({ end }) => end.code),
      ends.map(({ end }) => end.message),
    ],
  );
}

/**
 * Ends what is still pending as skipped. Items that are being worked off meanwhile are waited for.
 * @returns false when there is no such bulk action
 */
export async function stopBulk(client: PoolClient, id: string): Promise<boolean> {
  const stopped = await client.query(
    "update bulk_action set stopped_at = coalesce(stopped_at, now()) where id = $1",
    [id],
  );
  await client.query(
    `update bulk_item set state = 'skipped', code = 'STOPPED', ended_at = now()
      where bulk_id = $1 and state = 'pending'`,
    [id],
  );
  return stopped.rowCount === 1;
}

interface BulkRow extends Omit<BulkView, "counts" | "createdAt" | "stoppedAt" | "finishedAt"> {
  createdAt: Date;
  stoppedAt: Date | null;
  endedAt: Date | null;
  pending: number;
  done: number;
  skipped: number;
  failed: number;
}

const countOf = (state: BulkState) => `count(*) filter (where state = '${state}')::int as ${state}`;

async function readBulks(
  sql: Queryable,
  where: string,
  values: readonly unknown[],
): Promise<BulkView[]> {
  const result = await sql.query<BulkRow>(
    `select a.id, a.kind, a.scope, a.filter, a.reason, a.total, a.created_by as "createdBy",
            a.created_at as "createdAt", a.stopped_at as "stoppedAt", i.*
       from (select * from bulk_action ${where}) a
       join lateral (
         select ${countOf("pending")}, ${countOf("done")}, ${countOf("skipped")},
                ${countOf("failed")}, max(ended_at) as "endedAt"
           from bulk_item where bulk_id = a.id) i on true
      order by a.id desc`,
    [...values],
  );
  return result.rows.map(
    ({ pending, done, skipped, failed, endedAt, createdAt, stoppedAt, ...row }) => ({
      ...row,
      counts: { pending, done, skipped, failed },
      createdAt: createdAt.toISOString(),
      stoppedAt: iso(stoppedAt),
      finishedAt: pending === 0 ? (iso(endedAt) ?? createdAt.toISOString()) : null,
    }),
  );
}

export async function findBulk(sql: Queryable, id: string): Promise<BulkView | null> {
  return (await readBulks(sql, "where id = $1", [id]))[0] ?? null;
}

/**
 * Bulk actions, newest first.
 * @param before only those older than this id (exclusive)
 */
export async function listBulks(
  sql: Queryable,
  before: string | null,
  limit: number,
): Promise<BulkView[]> {
  const where = "where ($1::bigint is null or id < $1) order by id desc limit $2";
  return readBulks(sql, where, [before, limit]);
}

interface ItemRow extends Omit<BulkItemView, "interval" | "endedAt"> {
  start: Date | null;
  end: Date | null;
  endedAt: Date | null;
}

/**
 * Items by run, newest run first.
 * @param before only runs older than this id (exclusive)
 */
export async function listItems(
  sql: Queryable,
  id: string,
  states: readonly BulkState[],
  before: string | null,
  limit: number,
): Promise<BulkItemView[]> {
  const result = await sql.query<ItemRow>(
    `select i.run_id as run, r.flow_id as flow, f.name as "flowName",
            r.interval_start as start, r.interval_end as end, r.timezone, i.state,
            i.new_run_id as "newRun", i.code, i.message, i.ended_at as "endedAt"
       from bulk_item i join run r on r.id = i.run_id join flow f on f.id = r.flow_id
      where i.bulk_id = $1 and i.state = any($2::bulk_state[])
        and ($3::bigint is null or i.run_id < $3)
      order by i.run_id desc limit $4`,
    [id, states, before, limit],
  );
  return result.rows.map(({ start, end, endedAt, ...row }) => ({
    ...row,
    interval: intervalOf(start, end),
    endedAt: iso(endedAt),
  }));
}
