/** Runners: registration, leases on the database's clock, and what is left behind by dead ones. */
import { SUSPECT_FROM } from "../core/run/states.ts";
import type { Queryable } from "./sql.ts";

export interface RunnerRegistration {
  name: string;
  host: string;
  pid: number;
  version: string;
  slots: number;
  labels?: readonly string[];
}

/** @returns the id of the new runner, whose lease holds from now on */
export async function registerRunner(
  sql: Queryable,
  runner: RunnerRegistration,
  leaseMs: number,
): Promise<string> {
  const result = await sql.query<{ id: string }>(
    `insert into runner (name, host, pid, version, slots, labels, lease_until)
     values ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 ms') returning id`,
    [
      runner.name,
      runner.host,
      runner.pid,
      runner.version,
      runner.slots,
      runner.labels ?? [],
      leaseMs,
    ],
  );
  const row = result.rows[0];
  if (row === undefined) throw new Error("registration returned no row");
  return row.id;
}

/** What a runner tells about itself with each heartbeat. */
export interface RunnerLoad {
  running: number;
  memoryBytes: number;
  /** Attempts that it has ended since it started. */
  ended: number;
}

/** What people want of a runner. */
export interface RunnerOrders {
  /** Tasks at a time. */
  slots: number;
  /** True while it is to take nothing new. */
  drain: boolean;
}

/** What a renewal brings back. */
export interface Renewal extends RunnerOrders {
  /** What the database's clock showed, in milliseconds since 1970. */
  at: number;
}

/**
 * Renews the lease of a runner, reports its load and brings back what people want of it.
 * @returns null when the runner has been given up: its tasks are not its own any more
 */
export async function renewLease(
  sql: Queryable,
  runnerId: string,
  load: RunnerLoad,
  leaseMs: number,
): Promise<Renewal | null> {
  const result = await sql.query<Renewal>(
    `update runner set heartbeat_at = now(), lease_until = now() + $4 * interval '1 ms',
            running = $2, memory_bytes = $3, ended = $5
      where id = $1 and state in ('active', 'draining')
     returning slots, state = 'draining' as drain,
       (extract(epoch from clock_timestamp()) * 1000)::float8 as at`,
    [runnerId, load.running, load.memoryBytes, leaseMs, load.ended],
  );
  return result.rows[0] ?? null;
}

/** The runner is about to stop: it claims nothing more, and nobody can take that back. */
export async function drainRunner(sql: Queryable, runnerId: string): Promise<void> {
  await sql.query(
    `update runner set state = 'draining', drained_by = null
      where id = $1 and state in ('active', 'draining')`,
    [runnerId],
  );
}

/** Lets an active runner take nothing more until `orderResume`. */
export async function orderDrain(sql: Queryable, runnerId: string, by: string): Promise<void> {
  await sql.query(
    "update runner set state = 'draining', drained_by = $2 where id = $1 and state = 'active'",
    [runnerId, by],
  );
}

/** Lets a runner that somebody drained take tasks again; not one that is about to stop. */
export async function orderResume(sql: Queryable, runnerId: string): Promise<void> {
  await sql.query(
    `update runner set state = 'active', drained_by = null
      where id = $1 and state = 'draining' and drained_by is not null`,
    [runnerId],
  );
}

/** @returns false when the runner has ended, or there is none */
export async function orderSlots(
  sql: Queryable,
  runnerId: string,
  slots: number,
): Promise<boolean> {
  const result = await sql.query(
    "update runner set slots = $2 where id = $1 and state in ('active', 'draining')",
    [runnerId, slots],
  );
  return result.rowCount === 1;
}

/** The runner is gone in good order. */
export async function stopRunner(sql: Queryable, runnerId: string): Promise<void> {
  await sql.query(
    `update runner set state = 'stopped', stopped_at = now(), running = 0
      where id = $1 and state in ('active', 'draining')`,
    [runnerId],
  );
}

export interface LostRunner {
  id: string;
  name: string;
}

/**
 * Gives up runners whose lease has ended. Safe to race: each is given up by one caller, and a
 * renewal that comes first wins.
 */
export async function giveUpRunners(sql: Queryable): Promise<LostRunner[]> {
  const result = await sql.query<LostRunner>(
    `update runner set state = 'lost', stopped_at = now(), running = 0
      where state in ('active', 'draining') and lease_until < now()
     returning id, name`,
  );
  return result.rows;
}

/** A running attempt and the runner that has it. */
export interface RunningAttempt {
  runId: string;
  ordinal: number;
  attempt: number;
  runnerId: string;
  runnerName: string;
}

/** Attempts that still count as running though their runner is gone, at most `limit`. */
export async function findAbandoned(sql: Queryable, limit: number): Promise<RunningAttempt[]> {
  const result = await sql.query<RunningAttempt>(
    `select t.run_id as "runId", t.ordinal, t.attempt, t.runner_id as "runnerId",
            coalesce(r.name, '?') as "runnerName"
       from task_run t left join runner r on r.id = t.runner_id
      where t.state = 'running' and (r.id is null or r.state in ('lost', 'stopped'))
      order by t.run_id, t.ordinal limit $1`,
    [limit],
  );
  return result.rows;
}

export interface HeldAttempt {
  runId: string;
  ordinal: number;
  attempt: number;
  revisionId: string;
  takesSlot: boolean;
  each: { of: number; index: number } | null;
  cancelRequested: boolean;
}

/** What the database says that this runner has in hand. */
export async function findHeld(sql: Queryable, runnerId: string): Promise<HeldAttempt[]> {
  const result = await sql.query<HeldAttempt>(
    `select t.run_id as "runId", t.ordinal, t.attempt, t.revision_id as "revisionId",
            l.takes_slot as "takesSlot", t.cancel_requested as "cancelRequested",
            case when t.item_of is not null
                 then json_build_object('of', t.item_of, 'index', t.item) end as each
       from task_run t join lane l on l.id = t.lane
      where t.runner_id = $1 and t.state = 'running'`,
    [runnerId],
  );
  return result.rows;
}

/** Makes tasks ready whose wait before the next attempt is over. @returns the runs they belong to */
export async function promoteRetries(sql: Queryable, limit: number): Promise<string[]> {
  const result = await sql.query<{ runId: string }>(
    `with due as (
       select run_id, ordinal from task_run
        where state = 'retry_wait' and not_before <= now() and lost_in_row < ${SUSPECT_FROM}
        order by run_id, ordinal for no key update skip locked limit $1)
     update task_run t set state = 'ready', ready_at = now(), not_before = null
       from due where t.run_id = due.run_id and t.ordinal = due.ordinal
     returning t.run_id as "runId"`,
    [limit],
  );
  return [...new Set(result.rows.map((row) => row.runId))];
}

/**
 * Lets the next suspects go: of those that were lost on the same runner one at a time, the next when the
 * one before has ended, or has been ready, or at work, for `probationMs`.
 * @returns the runs they belong to
 */
export async function promoteSuspects(sql: Queryable, probationMs: number): Promise<string[]> {
  const result = await sql.query<{ runId: string }>(
    `with suspect as materialized (
       select t.run_id, t.ordinal, t.state, t.not_before, a.runner_id as lost_on,
              case t.state when 'ready' then t.ready_at when 'running' then t.started_at end as since
         from task_run t left join attempt a on a.run_id = t.run_id and a.ordinal = t.ordinal
          and a.attempt = t.attempt - (t.state = 'running')::int
        where t.lost_in_row >= ${SUSPECT_FROM} and t.state in ('retry_wait', 'ready', 'running')
     ), due as (
       select distinct on (s.lost_on) s.run_id, s.ordinal from suspect s
        where s.state = 'retry_wait' and not exists (
          select from suspect o
           where o.lost_on is not distinct from s.lost_on
             and o.since > now() - $1 * interval '1 ms')
        order by s.lost_on, s.not_before, s.run_id, s.ordinal
     ), free as (
       select t.run_id, t.ordinal from due join task_run t using (run_id, ordinal)
        where t.state = 'retry_wait' order by t.run_id, t.ordinal for no key update of t skip locked)
     update task_run t set state = 'ready', ready_at = now(), not_before = null
       from free where t.run_id = free.run_id and t.ordinal = free.ordinal
     returning t.run_id as "runId"`,
    [probationMs],
  );
  return [...new Set(result.rows.map((row) => row.runId))];
}

/** Runs with a task that waits though its needs have ended: whoever saw them end is gone. */
export async function findUndecidedRuns(sql: Queryable, limit: number): Promise<string[]> {
  const result = await sql.query<{ runId: string }>(
    `select distinct run_id as "runId" from task_run
      where state = 'waiting' and pending = 0 order by run_id limit $1`,
    [limit],
  );
  return result.rows.map((row) => row.runId);
}

/** Runs that go on though no leaf is open: whoever saw the last one end is gone. */
export async function findUnendedRuns(sql: Queryable, limit: number): Promise<string[]> {
  const result = await sql.query<{ id: string }>(
    "select id from run where state in ('queued', 'running') and open_leaves = 0 order by id limit $1",
    [limit],
  );
  return result.rows.map((row) => row.id);
}

/**
 * True when the caller is the one scheduler until its transaction ends.
 */
export async function becomeScheduler(sql: Queryable): Promise<boolean> {
  const result = await sql.query<{ mine: boolean }>(
    "select pg_try_advisory_xact_lock(hashtextextended('idem scheduler', 0)) as mine",
  );
  return result.rows[0]?.mine === true;
}

/** Ids of the runners that have not ended. */
export async function findLiveRunners(sql: Queryable): Promise<Set<string>> {
  const result = await sql.query<{ id: string }>(
    "select id from runner where state in ('active', 'draining')",
  );
  return new Set(result.rows.map((row) => row.id));
}
