/**
 * The invariants that hold whatever happens, each as a question to the database, the witness file
 * and the process table. A check returns what breaks it, in words; nothing is as it should be.
 */
import { createHash } from "node:crypto";
import type pg from "pg";
import { overlaps, type WitnessLine } from "../engine/witness.ts";
import { findProcessesWith } from "./process-table.ts";

export interface World {
  pool: pg.Pool;
  /** Idempotency keys of every trigger that was acknowledged. */
  acknowledged?: readonly string[];
  witness?: readonly WitnessLine[];
  /** What only the processes of these runners have in their environment or arguments. */
  traces?: readonly string[];
  /** Process ids of runners that are meant to live. */
  liveRunners?: readonly number[];
}

/** What ended attempts and ended tasks looked like at some moment. */
export type History = ReadonlyMap<string, string>;

async function complaints(pool: pg.Pool, sql: string): Promise<string[]> {
  const result = await pool.query<{ complaint: string }>(sql);
  return result.rows.map((row) => row.complaint);
}

const checks: Readonly<Record<string, (world: World) => Promise<string[]>>> = {
  "1: an attempt has exactly one end": ({ pool }) =>
    complaints(
      pool,
      `select format('run %s task %s: %s attempts, %s ended', t.run_id, t.ordinal, t.attempt, count(a))
              as complaint
         from task_run t left join attempt a on a.run_id = t.run_id and a.ordinal = t.ordinal
        group by t.run_id, t.ordinal
       having count(a) <> t.attempt - (t.state = 'running')::int
           or coalesce(max(a.attempt), 0) <> t.attempt - (t.state = 'running')::int
           or coalesce(bool_or(a.finished_at < a.started_at), false)
       union all
       select format('run %s task %s is %s after an attempt that is %s', t.run_id, t.ordinal, t.state, a.state)
         from task_run t join attempt a on a.run_id = t.run_id and a.ordinal = t.ordinal
          and a.attempt = t.attempt
        where (t.state = 'succeeded') <> (a.state = 'succeeded') and t.state <> 'running'
       union all
       select format('run %s task %s succeeded more than once', run_id, ordinal)
         from attempt where state = 'succeeded' group by run_id, ordinal having count(*) > 1`,
    ),
  "2: attempts of one task do not overlap": async ({ witness }) => overlaps(witness ?? []),
  "3: every acknowledged trigger has exactly one run": async ({ pool, acknowledged }) => {
    const result = await pool.query<{ complaint: string }>(
      `select format('trigger %s has %s runs', k, count(r.id)) as complaint
         from unnest($1::text[]) k left join run r on r.idempotency_key = k
        group by k having count(r.id) <> 1`,
      [acknowledged ?? []],
    );
    return result.rows.map((row) => row.complaint);
  },
  "4: nothing is stuck, held or left behind": async ({ pool, traces, liveRunners }) => [
    ...(await complaints(
      pool,
      `select format('run %s is %s', id, state) as complaint from run
        where state in ('queued', 'running')
       union all
       select format('run %s task %s is %s', run_id, ordinal, state) from task_run
        where state in ('waiting', 'ready', 'running', 'retry_wait')
       union all
       select format('runner %s holds a lease that ended', id) from runner
        where state in ('active', 'draining') and lease_until < now()`,
    )),
    ...findProcessesWith(traces ?? [], liveRunners ?? []),
  ],
  "5: runs add up over their states": ({ pool }) =>
    complaints(
      pool,
      `select format('%s runs, %s by state', total, by_state) as complaint
         from (select (select count(*) from run) as total,
                      (select sum(n) from (select count(*) as n from run group by state) s) as by_state) c
        where total <> coalesce(by_state, 0)
       union all
       select format('run %s ended %s with tasks in %s', r.id, r.state, t.state)
         from run r join task_run t on t.run_id = r.id
        where r.state in ('succeeded', 'failed', 'cancelled')
          and (t.state in ('waiting', 'ready', 'running', 'retry_wait')
               or (r.state = 'succeeded' and t.state in ('failed', 'upstream_failed', 'cancelled')))
       union all
       select format('run %s has %s open leaves and %s open tasks', r.id, r.open_leaves, count(t.run_id))
         from run r left join task_run t on t.run_id = r.id
          and t.state in ('waiting', 'ready', 'running', 'retry_wait')
        group by r.id having (r.open_leaves = 0) <> (count(t.run_id) = 0) or r.open_leaves < 0`,
    ),
  "7: no output or end comes from a stale attempt": ({ pool }) =>
    complaints(
      pool,
      `select format('run %s task %s has the output of attempt %s', o.run_id, o.ordinal, o.attempt)
              as complaint
         from task_output o join task_run t on t.run_id = o.run_id and t.ordinal = o.ordinal
        where t.state <> 'succeeded' or o.attempt <> t.attempt
       union all
       select format('run %s task %s attempt %s: refused, and yet stored', w.run_id, w.ordinal, w.attempt)
         from refused_write w join attempt a on a.run_id = w.run_id and a.ordinal = w.ordinal
          and a.attempt = w.attempt and a.runner_id = w.runner_id
        where a.state::text = w.outcome`,
    ),
  "8: an identical rerun has the same manifest and revision": async ({ pool }) => {
    const reruns = await complaints(
      pool,
      `select format('run %s is no identical rerun of %s', r.id, p.id) as complaint
         from run r join run p on p.id = r.parent_id
        where r.trigger = 'rerun' and (r.identity <> p.identity or r.revision_id <> p.revision_id)`,
    );
    const manifests = await pool.query<{ identity: string; text: string }>(
      "select identity, text from manifest",
    );
    const damaged = manifests.rows.filter(
      ({ identity, text }) => createHash("sha256").update(text).digest("hex") !== identity,
    );
    return [...reruns, ...damaged.map(({ identity }) => `manifest ${identity} is damaged`)];
  },
  "9: a task that succeeded has been seen": async ({ pool, witness }) => {
    if (witness === undefined) return [];
    const seen = new Set(
      witness
        .filter((line) => line.what === "done")
        .map((line) => `${line.run} ${line.task} ${line.attempt}`),
    );
    const succeeded = await pool.query<{ key: string }>(
      `select format('%s %s %s', t.run_id, rt.task_id, t.attempt) as key
         from task_run t
         join revision_task rt on rt.revision_id = t.revision_id and rt.ordinal = t.ordinal
         join revision v on v.id = t.revision_id
        where t.state = 'succeeded' and v.spec -> 'tasks' -> rt.task_id -> 'env' ? 'WITNESS'`,
    );
    return succeeded.rows.filter(({ key }) => !seen.has(key)).map(({ key }) => `nobody saw ${key}`);
  },
  "10: a row of a ledger has one run for each try, and the end of the newest": ({ pool }) =>
    complaints(
      pool,
      `select format('backfill %s row %s has %s runs after %s tries', w.backfill_id, w.ordinal,
                count(r.id), w.tries) as complaint
         from backfill_row w left join run r
           on r.backfill_id = w.backfill_id and r.backfill_ordinal = w.ordinal
        group by w.backfill_id, w.ordinal, w.tries
       having count(r.id) <> w.tries or count(distinct r.backfill_try) <> w.tries
       union all
       select format('backfill %s row %s is %s and its newest run %s', w.backfill_id, w.ordinal, w.state,
                r.state)
         from backfill_row w left join lateral (
           select id, state, finished_at from run
            where backfill_id = w.backfill_id and backfill_ordinal = w.ordinal
            order by backfill_try desc limit 1) r on true
        where r.id is distinct from w.run_id
           or (r.finished_at is not null and w.state <> 'waiting' and r.state::text <> w.state::text)
           or (r.finished_at is null and w.state in ('succeeded', 'failed'))`,
    ),
};

/** Checks every invariant. @returns what breaks one, with the invariant's name; nothing when all hold */
export async function checkInvariants(world: World): Promise<string[]> {
  const found: string[] = [];
  for (const [name, check] of Object.entries(checks)) {
    for (const complaint of await check(world)) found.push(`${name}: ${complaint}`);
  }
  return found;
}

/** Everything that must never change again. */
export async function readHistory(pool: pg.Pool): Promise<History> {
  const result = await pool.query<{ key: string; text: string }>(
    `select format('attempt %s/%s/%s', run_id, ordinal, attempt) as key, to_jsonb(a)::text as text
       from attempt a
     union all
     select format('run %s', id), to_jsonb(r)::text from run r
      where state in ('succeeded', 'failed', 'cancelled')
     union all
     select format('task %s/%s', run_id, ordinal), to_jsonb(t)::text from task_run t
      where state in ('succeeded', 'failed', 'cancelled', 'upstream_failed', 'skipped', 'reused')
     union all
     select format('output %s/%s', run_id, ordinal), to_jsonb(o)::text from task_output o
     union all
     select format('event %s', id), to_jsonb(e)::text from run_event e
     union all
     select format('revision %s', id), to_jsonb(v)::text from revision v
     union all
     select format('log %s/%s/%s/%s', run_id, ordinal, attempt, seq), md5(body) || md5(marks)
       from log_chunk`,
  );
  return new Map(result.rows.map((row) => [row.key, row.text]));
}

/** 6: history already written does not change. @returns what did */
export function changedHistory(before: History, after: History): string[] {
  return [...before]
    .filter(([key, text]) => after.get(key) !== text)
    .map(([key]) => `6: history does not change: ${key} did`);
}
