/** Statements of the rare path. They run inside one transaction that begins with `lockRun`. */
import type { PoolClient } from "pg";
import type { Json } from "../../core/flow/spec.ts";
import type { AttemptError } from "../../core/run/attempt-view.ts";
import {
  type EndedAttemptState,
  endState,
  isTaskEnded,
  type RunState,
  SUSPECT_FROM,
  type TaskState,
} from "../../core/run/states.ts";
import type { FirstError } from "../../core/run/view.ts";
import { recordFailedRun } from "../notify/notices.ts";

/** A run with what decisions about its tasks depend on. */
export interface RunRow {
  id: string;
  state: RunState;
  flowId: string;
  revisionId: string;
  revisionHash: string;
  identity: string;
  params: Record<string, Json>;
  intervalStart: Date | null;
  intervalEnd: Date | null;
  timezone: string;
  cancelRequested: boolean;
  parentId: string | null;
  rerunScope: string | null;
}

/**
 * Locks out every other settlement of this run until the transaction ends, then reads the run.
 * Completions of its tasks go on: they lock rows.
 */
export async function lockRun(client: PoolClient, runId: string): Promise<RunRow | null> {
  await client.query("select pg_advisory_xact_lock(hashtextextended('idem run ' || $1::text, 0))", [
    runId,
  ]);
  const result = await client.query<RunRow>(
    `select r.id, r.state, r.flow_id as "flowId", r.revision_id as "revisionId",
            v.hash as "revisionHash", r.identity, r.params, r.interval_start as "intervalStart",
            r.interval_end as "intervalEnd", r.timezone,
            r.cancel_requested_at is not null as "cancelRequested", r.parent_id as "parentId",
            r.rerun_scope as "rerunScope"
       from run r join revision v on v.id = r.revision_id where r.id = $1`,
    [runId],
  );
  return result.rows[0] ?? null;
}

export interface HeldTask {
  ordinal: number;
  state: TaskState;
  attempt: number;
  failures: number;
  lostInRow: number;
  cancelRequested: boolean;
  leaf: boolean;
  runnerId: string | null;
  startedAt: Date | null;
  pending: number;
  gated: boolean;
  /** Ordinal of the task whose list this task run is a part of. */
  itemOf: number | null;
  /** Place in that list, from 0. */
  item: number | null;
  /** How many task runs the task has been spread over, if it has. */
  items: number | null;
}

/** Locks tasks of a run in the order of their ordinals. */
export async function lockTasks(
  client: PoolClient,
  runId: string,
  ordinals: readonly number[],
): Promise<HeldTask[]> {
  if (ordinals.length === 0) return [];
  const result = await client.query<HeldTask>(
    `select ordinal, state, attempt, failures, lost_in_row as "lostInRow",
            cancel_requested as "cancelRequested", leaf, runner_id as "runnerId",
            started_at as "startedAt", pending, gated, item_of as "itemOf", item, items
       from task_run where run_id = $1 and ordinal = any($2::int[])
      order by ordinal for no key update`,
    [runId, ordinals],
  );
  return result.rows;
}

/** Tasks that wait though all of their needs have ended, by ordinal. */
export async function findUndecided(client: PoolClient, runId: string): Promise<number[]> {
  const result = await client.query<{ ordinal: number }>(
    "select ordinal from task_run where run_id = $1 and state = 'waiting' and pending = 0 order by ordinal",
    [runId],
  );
  return result.rows.map((row) => row.ordinal);
}

export async function readStates(
  client: PoolClient,
  runId: string,
  ordinals: readonly number[],
): Promise<Map<number, TaskState>> {
  if (ordinals.length === 0) return new Map();
  const result = await client.query<{ ordinal: number; state: TaskState }>(
    "select ordinal, state from task_run where run_id = $1 and ordinal = any($2::int[])",
    [runId, ordinals],
  );
  return new Map(result.rows.map((row) => [row.ordinal, row.state]));
}

/** Whole milliseconds since the first attempt of each of these running tasks started. */
export async function readElapsed(
  client: PoolClient,
  runId: string,
  ordinals: readonly number[],
): Promise<Map<number, number>> {
  if (ordinals.length === 0) return new Map();
  const result = await client.query<{ ordinal: number; elapsed: number }>(
    `select t.ordinal,
            (extract(epoch from now() - least(t.started_at, a.started_at)) * 1000)::float8 as elapsed
       from task_run t
       left join attempt a on a.run_id = t.run_id and a.ordinal = t.ordinal and a.attempt = 1
      where t.run_id = $1 and t.ordinal = any($2::int[])`,
    [runId, ordinals],
  );
  return new Map(result.rows.map((row) => [row.ordinal, Math.max(0, Math.round(row.elapsed))]));
}

/**
 * Of tasks that are lost: those beside which a suspect of the same runner began later, and runs still or
 * has failed. However the losses of one runner are reported, the last of its suspects is not among them.
 */
export async function findSpared(
  client: PoolClient,
  runId: string,
  ordinals: readonly number[],
): Promise<Set<number>> {
  if (ordinals.length === 0) return new Set();
  const result = await client.query<{ ordinal: number }>(
    `select t.ordinal from task_run t
      where t.run_id = $1 and t.ordinal = any($2::int[]) and exists (
        select from task_run o
         where o.lost_in_row >= ${SUSPECT_FROM} and o.runner_id = t.runner_id
           and o.state in ('running', 'failed')
           and (o.started_at, o.run_id, o.ordinal) > (t.started_at, t.run_id, t.ordinal))`,
    [runId, ordinals],
  );
  return new Set(result.rows.map((row) => row.ordinal));
}

/** One task, which is locked from now on; null when there is no such task. */
export async function findTask(
  client: PoolClient,
  runId: string,
  ordinal: number,
): Promise<HeldTask | null> {
  const [task] = await lockTasks(client, runId, [ordinal]);
  return task ?? null;
}

/** A task run as it is to be stored. Times follow from the state, on the database's clock. */
export interface TaskChange {
  ordinal: number;
  state: TaskState;
  pending: number;
  gated: boolean;
  attempt: number;
  failures: number;
  lostInRow: number;
  /** Only for `retry_wait`: whole milliseconds from now. */
  delayMs: number | null;
}

/** Stores changed tasks. Their rows are locked already. */
export async function writeTasks(
  client: PoolClient,
  runId: string,
  changes: readonly TaskChange[],
): Promise<void> {
  if (changes.length === 0) return;
  await client.query(
    `update task_run t
        set state = c.state::task_state, pending = c.pending, gated = c.gated, attempt = c.attempt,
            failures = c.failures, lost_in_row = c.lost_in_row,
            not_before = case when c.state = 'retry_wait' then now() + c.delay_ms * interval '1 ms' end,
            ready_at = case when c.state = 'ready' then now() else t.ready_at end,
            runner_id = case when c.state in ('ready', 'retry_wait') then null else t.runner_id end,
            finished_at = case when c.state in ('succeeded', 'failed', 'cancelled', 'upstream_failed', 'skipped') then now() end
       from unnest($2::int[], $3::text[], $4::int[], $5::bool[], $6::int[], $7::int[], $8::int[], $9::int[])
            as c(ordinal, state, pending, gated, attempt, failures, lost_in_row, delay_ms)
      where t.run_id = $1 and t.ordinal = c.ordinal`,
    [
      runId,
      changes.map((c) => c.ordinal),
      changes.map((c) => c.state),
      changes.map((c) => c.pending),
      changes.map((c) => c.gated),
      changes.map((c) => c.attempt),
      changes.map((c) => c.failures),
      changes.map((c) => c.lostInRow),
      changes.map((c) => c.delayMs),
    ],
  );
}

export interface EndedAttempt {
  ordinal: number;
  attempt: number;
  state: EndedAttemptState;
  runnerId: string | null;
  /** Null for an attempt that ended before it began: it starts and ends now. */
  startedAt: Date | null;
  /** Null for a list all of whose task runs succeeded. */
  error: AttemptError | null;
}

export async function insertAttempts(
  client: PoolClient,
  runId: string,
  attempts: readonly EndedAttempt[],
): Promise<void> {
  if (attempts.length === 0) return;
  await client.query(
    `insert into attempt (run_id, ordinal, attempt, state, runner_id, started_at, finished_at, error)
     select $1, a.ordinal, a.attempt, a.state::attempt_state, a.runner_id,
            coalesce(a.started_at, now()), greatest(now(), a.started_at), a.error
       from unnest($2::int[], $3::int[], $4::text[], $5::bigint[], $6::timestamptz[], $7::jsonb[])
            as a(ordinal, attempt, state, runner_id, started_at, error)`,
    [
      runId,
      attempts.map((a) => a.ordinal),
      attempts.map((a) => a.attempt),
      attempts.map((a) => a.state),
      attempts.map((a) => a.runnerId),
      attempts.map((a) => a.startedAt),
      attempts.map((a) => (a.error === null ? null : JSON.stringify(a.error))),
    ],
  );
}

export async function insertEvents(
  client: PoolClient,
  runId: string,
  events: readonly { actor: string; verb: string; detail: Record<string, Json> }[],
): Promise<void> {
  if (events.length === 0) return;
  await client.query(
    `insert into run_event (run_id, actor, verb, detail)
     select $1, e.actor, e.verb, e.detail
       from unnest($2::text[], $3::text[], $4::jsonb[]) as e(actor, verb, detail)`,
    [
      runId,
      events.map((e) => e.actor),
      events.map((e) => e.verb),
      events.map((e) => JSON.stringify(e.detail)),
    ],
  );
}

/**
 * Takes ended tasks off the run and, when they were the last, ends it.
 * @returns the state in which the run ended just now, or null
 * @throws Error when no leaf is open but some task has not ended: the counter is wrong
 */
export async function endRun(
  client: PoolClient,
  runId: string,
  change: { leavesEnded: number; troubled: boolean; firstError: FirstError | null },
): Promise<RunState | null> {
  const updated = await client.query<{ open: number; state: RunState; cancelRequested: boolean }>(
    `update run set open_leaves = open_leaves - $2, troubled = troubled or $3,
            first_error = coalesce(first_error, $4)
      where id = $1
     returning open_leaves as open, state, cancel_requested_at is not null as "cancelRequested"`,
    [
      runId,
      change.leavesEnded,
      change.troubled,
      change.firstError === null ? null : JSON.stringify(change.firstError),
    ],
  );
  const run = updated.rows[0];
  if (run === undefined || run.open > 0) return null;
  if (run.state !== "queued" && run.state !== "running") return null;

  const counted = await client.query<{ state: TaskState; retried: boolean }>(
    "select state, bool_or(failures > 0) as retried from task_run where run_id = $1 group by state",
    [runId],
  );
  const open = counted.rows.filter((row) => !isTaskEnded(row.state));
  if (open.length > 0) {
    throw new Error(`run ${runId} has no open leaf but tasks in ${open[0]?.state}`);
  }
  const state = endState(
    counted.rows.map((row) => row.state),
    run.cancelRequested,
  );
  const recovered = state === "succeeded" && counted.rows.some((row) => row.retried);
  await client.query(
    "update run set state = $2, recovered = $3, finished_at = now() where id = $1",
    [runId, state, recovered],
  );
  await insertEvents(client, runId, [{ actor: "engine", verb: "ended", detail: { state } }]);
  if (state === "failed") await recordFailedRun(client, runId);
  return state;
}

/**
 * Cancels every task of a run that does not run, and flags those that do. From then on each running
 * task counts as a leaf, for nothing will follow it.
 * @returns how many tasks run
 */
export async function cancelOpenTasks(client: PoolClient, runId: string): Promise<number> {
  // In the order of locks; `complete` may hold some of these rows and release others.
  await client.query(
    `select from task_run
      where run_id = $1 and state in ('waiting', 'ready', 'retry_wait', 'running')
      order by ordinal for no key update`,
    [runId],
  );
  await client.query(
    `update task_run set state = 'cancelled', finished_at = now(), not_before = null
      where run_id = $1 and state in ('waiting', 'ready', 'retry_wait')`,
    [runId],
  );
  const running = await client.query(
    "update task_run set cancel_requested = true, leaf = true where run_id = $1 and state = 'running'",
    [runId],
  );
  return running.rowCount ?? 0;
}

/** Records who asked a run to stop. `running` tasks are all that is still open. */
export async function requestCancel(
  client: PoolClient,
  runId: string,
  request: { actor: string; reason: string | null; running: number },
): Promise<void> {
  await client.query(
    `update run set cancel_requested_at = coalesce(cancel_requested_at, now()), troubled = true,
            open_leaves = $2
      where id = $1`,
    [runId, request.running],
  );
  await insertEvents(client, runId, [
    {
      actor: request.actor,
      verb: "cancel_requested",
      detail: request.reason === null ? {} : { reason: request.reason },
    },
  ]);
}

/** Flags one running task as to be cancelled. */
export async function flagRunning(
  client: PoolClient,
  runId: string,
  ordinal: number,
): Promise<void> {
  await client.query(
    "update task_run set cancel_requested = true where run_id = $1 and ordinal = $2 and state = 'running'",
    [runId, ordinal],
  );
}
