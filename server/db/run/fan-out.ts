/** Task runs of lists. They have ordinals below zero, so that they are locked before their task. */
import type { PoolClient } from "pg";
import type { Json } from "../../core/flow/spec.ts";
import type { TaskState } from "../../core/run/states.ts";
import { iso, type Queryable } from "../sql.ts";

/** The state of `task_run t` as people see it: a task runs while its task runs do. */
export const shownState =
  "case when t.state = 'waiting' and t.items is not null then 'running'::task_state else t.state end";

/** For `task_run t`: how many of its task runs are in which state, as JSON; null when it has none. */
export const itemCounts = `case when t.items is not null then (
  select coalesce(json_object_agg(q.state, q.n), '{}') from (
    select i.state, count(*)::int as n from task_run i
     where i.run_id = t.run_id and i.item_of = t.ordinal group by i.state) q) end`;

/**
 * The task runs of a parent run that a rerun need not execute again, by their place: null when the
 * parent's task was spread over another number of them.
 * @returns the run that really executed each
 */
export async function findReusable(
  client: PoolClient,
  parentId: string,
  ordinal: number,
  count: number,
): Promise<Map<number, string>> {
  const result = await client.query<{ item: number; run: string }>(
    `select i.item, coalesce(i.reused_from_run_id, i.run_id) as run
       from task_run t join task_run i on i.run_id = t.run_id and i.item_of = t.ordinal
      where t.run_id = $1 and t.ordinal = $2 and t.items = $3 and i.state in ('succeeded', 'reused')`,
    [parentId, ordinal, count],
  );
  return new Map(result.rows.map(({ item, run }) => [item, run]));
}

/**
 * Spreads a waiting task over `count` task runs, ready or reused, which come in the order of their
 * places. The caller holds the lock of the run.
 */
export async function insertItems(
  client: PoolClient,
  runId: string,
  ordinal: number,
  count: number,
  reused: ReadonlyMap<number, string>,
): Promise<void> {
  await client.query(
    `with t as (
       update task_run set items = $3, started_at = now()
        where run_id = $1 and ordinal = $2 returning *)
     insert into task_run (run_id, ordinal, revision_id, state, pending, gated, leaf, lane, priority,
            ready_at, finished_at, reused_from_run_id, item_of, item)
     select t.run_id, low.ordinal - $3 + i.n, t.revision_id,
            (case when r.run is null then 'ready' else 'reused' end)::task_state, 0, false, false,
            t.lane, t.priority, case when r.run is null then now() end,
            case when r.run is not null then now() end, r.run, t.ordinal, i.n
       from t
      cross join (select least(0, min(ordinal)) as ordinal from task_run where run_id = $1) low
      cross join generate_series(0, $3 - 1) as i(n)
       left join unnest($4::int[], $5::bigint[]) as r(item, run) on r.item = i.n`,
    [runId, ordinal, count, [...reused.keys()], [...reused.values()]],
  );
}

export interface ItemState {
  ordinal: number;
  item: number;
  state: TaskState;
}

/** The task runs of a task, in the order of their places. */
export async function readItems(
  client: PoolClient,
  runId: string,
  ordinal: number,
): Promise<ItemState[]> {
  const result = await client.query<ItemState>(
    "select ordinal, item, state from task_run where run_id = $1 and item_of = $2 order by item",
    [runId, ordinal],
  );
  return result.rows;
}

/** Tasks that task runs of lists belong to, by the ordinals of the latter. */
export async function readTasksOfItems(
  client: PoolClient,
  runId: string,
  ordinals: readonly number[],
): Promise<Map<number, number>> {
  const items = ordinals.filter((ordinal) => ordinal < 0);
  if (items.length === 0) return new Map();
  const result = await client.query<{ ordinal: number; of: number }>(
    `select ordinal, item_of as of from task_run where run_id = $1 and ordinal = any($2::int[])`,
    [runId, items],
  );
  return new Map(result.rows.map((row) => [row.ordinal, row.of]));
}

/**
 * What the task runs of a task returned, in the order of their places; null for one that returned
 * nothing. Those of reused ones are read where they really ran.
 */
export async function readItemOutputs(
  client: PoolClient,
  runId: string,
  ordinal: number,
): Promise<Json[]> {
  const result = await client.query<{ output: Json | null }>(
    `select o.output from task_run t
       join task_run s on s.run_id = coalesce(t.reused_from_run_id, t.run_id)
                      and s.item_of = t.item_of and s.item = t.item
       left join task_output o on o.run_id = s.run_id and o.ordinal = s.ordinal
      where t.run_id = $1 and t.item_of = $2 order by t.item`,
    [runId, ordinal],
  );
  return result.rows.map((row) => row.output ?? null);
}

/** What the task run at a place of a list returned, or null; read where it really ran. */
export async function readItemOutput(
  sql: Queryable,
  runId: string,
  ordinal: number,
  item: number,
): Promise<Json> {
  const found = await findItem(sql, runId, ordinal, item);
  if (found === null) return null;
  const result = await sql.query<{ output: Json }>(
    "select output from task_output where run_id = $1 and ordinal = $2",
    [found.run, found.ordinal],
  );
  return result.rows[0]?.output ?? null;
}

/** Stores what a task returned that was spread over a list. */
export async function insertGathered(
  client: PoolClient,
  runId: string,
  outputs: readonly { ordinal: number; attempt: number; output: Json }[],
): Promise<void> {
  if (outputs.length === 0) return;
  await client.query(
    `insert into task_output (run_id, ordinal, attempt, output)
     select $1, o.ordinal, o.attempt, o.output::jsonb
       from unnest($2::int[], $3::int[], $4::text[]) as o(ordinal, attempt, output)`,
    [
      runId,
      outputs.map((o) => o.ordinal),
      outputs.map((o) => o.attempt),
      outputs.map((o) => JSON.stringify(o.output)),
    ],
  );
}

/** Cancels the task runs of a task that do not run. @returns how many were flagged because they do */
export async function flagRunningItems(
  client: PoolClient,
  runId: string,
  ordinal: number,
): Promise<number> {
  const result = await client.query(
    `update task_run set cancel_requested = true
      where run_id = $1 and item_of = $2 and state = 'running'`,
    [runId, ordinal],
  );
  return result.rowCount ?? 0;
}

export interface ItemRow {
  item: number;
  ordinal: number;
  state: TaskState;
  attempt: number;
  startedAt: string | null;
  finishedAt: string | null;
  notBefore: string | null;
  runner: string | null;
  reusedFrom: string | null;
}

/** Task runs of a list from a place on, of some states or of all. */
export async function listItems(
  sql: Queryable,
  runId: string,
  ordinal: number,
  page: { from: number; limit: number; states: readonly TaskState[] | null },
): Promise<ItemRow[]> {
  const result = await sql.query<
    Omit<ItemRow, "startedAt" | "finishedAt" | "notBefore"> & {
      startedAt: Date | null;
      finishedAt: Date | null;
      notBefore: Date | null;
    }
  >(
    `select item, ordinal, state, attempt, started_at as "startedAt", finished_at as "finishedAt",
            not_before as "notBefore", runner_id as runner, reused_from_run_id as "reusedFrom"
       from task_run
      where run_id = $1 and item_of = $2 and item >= $3
        and ($4::task_state[] is null or state = any($4::task_state[]))
      order by item limit $5`,
    [runId, ordinal, page.from, page.states, page.limit],
  );
  return result.rows.map((row) => ({
    ...row,
    startedAt: iso(row.startedAt),
    finishedAt: iso(row.finishedAt),
    notBefore: row.state === "retry_wait" ? iso(row.notBefore) : null,
  }));
}

/** Where one task run of a list stands: its run, and its ordinal there. */
export async function findItem(
  sql: Queryable,
  runId: string,
  ordinal: number,
  item: number,
): Promise<{ run: string; ordinal: number } | null> {
  const result = await sql.query<{ run: string; ordinal: number }>(
    `select s.run_id as run, s.ordinal from task_run t
       join task_run s on s.run_id = coalesce(t.reused_from_run_id, t.run_id)
                      and s.item_of = t.item_of and s.item = t.item
      where t.run_id = $1 and t.item_of = $2 and t.item = $3`,
    [runId, ordinal, item],
  );
  return result.rows[0] ?? null;
}
