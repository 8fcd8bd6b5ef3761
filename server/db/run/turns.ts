/**
 * Held runs: those that take their turn after earlier runs of their schedule, and those of flows that
 * have as many active runs as they may have. A run is active from its creation, or from when it is let
 * go, to its end.
 *
 * One lock for each flow lets creations and releases go one after the other. It is taken before the
 * locks of runs that are there already, except by a tick that cancels earlier runs: releases therefore
 * never wait for the lock of a run.
 */
import type { PoolClient } from "pg";
import type { HeldRun } from "../../core/queue/share.ts";
import type { Queryable } from "../sql.ts";

/** Waits for the locks of flows, in order, and holds them until the transaction ends. */
export async function lockTurns(client: PoolClient, flowIds: readonly string[]): Promise<void> {
  for (const id of [...flowIds].sort()) {
    await client.query(
      "select pg_advisory_xact_lock(hashtextextended('idem flow ' || $1::text, 0))",
      [id],
    );
  }
}

/** A flow that limits its active runs, as its lock finds it. */
export interface FlowTurns {
  id: string;
  /** Null: any number. */
  concurrency: number | null;
  /** Held runs let go since one came from below the highest priority. */
  turns: number;
  active: number;
  /** True when runs are held that could start but for the limit, or wait for their turn. */
  waiting: boolean;
}

/**
 * How many runs are active. The caller holds the locks of the flows.
 * @param except runs that the caller has created just now
 */
export async function readTurns(
  client: PoolClient,
  flowIds: readonly string[],
  except: readonly string[] = [],
): Promise<FlowTurns[]> {
  const result = await client.query<FlowTurns>(
    `select f.id, f.concurrency, coalesce(t.turns, 0)::int as turns,
            case when f.concurrency is null then 0 else
              (select count(*)::int from run r
                where r.flow_id = f.id and not r.held and r.finished_at is null
                  and r.id <> all($2::bigint[])) end as active,
            exists (select from run r
                     where r.flow_id = f.id and r.held and r.finished_at is null and not r.takes_turn
                       and r.id <> all($2::bigint[])) as waiting
       from flow f left join flow_turns t on t.flow_id = f.id
      where f.id = any($1::text[]) order by f.id`,
    [flowIds, except],
  );
  return result.rows;
}

/** Holds new runs back, before they have tasks. */
export async function holdRuns(client: PoolClient, runIds: readonly string[]): Promise<void> {
  await client.query("update run set held = true where id = any($1::bigint[])", [runIds]);
}

/** Flows with held runs, by id, at most `limit`. */
export async function findFlowsWithHeld(sql: Queryable, limit: number): Promise<string[]> {
  // One step of an index for each flow, however many of its runs are held.
  const result = await sql.query<{ id: string }>(
    `with recursive f(id) as (
       (select flow_id from run where held and finished_at is null order by flow_id limit 1)
       union all
       select (select r.flow_id from run r
                where r.held and r.finished_at is null and r.flow_id > f.id
                order by r.flow_id limit 1)
         from f where f.id is not null)
     select id from f where id is not null limit $1`,
    [limit],
  );
  return result.rows.map(({ id }) => id);
}

/**
 * Held runs of a flow that could start now but for its limit, at most `limit` by priority and, when
 * there are more, the oldest one besides: of each schedule whose runs take turns only the first, and
 * only when none of its earlier runs is open.
 */
export async function findRunsInTurn(
  client: PoolClient,
  flowId: string,
  limit: number,
): Promise<HeldRun[]> {
  const result = await client.query<HeldRun>(
    `with turn as (
       select distinct on (schedule_key) id, priority, schedule_key from run
        where flow_id = $1 and held and finished_at is null and takes_turn
        order by schedule_key, tick_at, id),
     free as (
       select id, priority from run
        where flow_id = $1 and held and finished_at is null and not takes_turn),
     able as (
       select id, priority from turn t
        where not exists (
                select from run r
                 where r.flow_id = $1 and r.schedule_key = t.schedule_key and r.finished_at is null
                   and (not r.held or (not r.takes_turn and r.id < t.id)))
       union all
       (select id, priority from free order by priority desc, id limit $2)
       union
       (select id, priority from free order by id limit 1))
     select id, priority from able order by priority desc, id`,
    [flowId, limit],
  );
  return result.rows;
}

/**
 * Takes the lock of a run without waiting for it.
 * @returns false when somebody else has it, or the run is held no more
 */
export async function tryLockHeldRun(client: PoolClient, runId: string): Promise<boolean> {
  const locked = await client.query<{ mine: boolean }>(
    `select pg_try_advisory_xact_lock(hashtextextended('idem run ' || $1::text, 0)) as mine`,
    [runId],
  );
  if (locked.rows[0]?.mine !== true) return false;
  const run = await client.query("select from run where id = $1 and held and finished_at is null", [
    runId,
  ]);
  return run.rowCount === 1;
}

/**
 * Lets a held run go: its first tasks wait for nothing more. The caller holds the lock of the run.
 * @returns whether it was held until now, and whether some first task needs a decision
 */
export async function releaseRun(
  client: PoolClient,
  runId: string,
): Promise<{ released: boolean; undecided: boolean }> {
  // Task runs before the run, in order: as everywhere else. In a held run nothing has been executed,
  // so a task whose needs have all ended is a root, or stands after tasks that were taken over.
  const first = await client.query<{ ordinal: number }>(
    `select t.ordinal from task_run t
      where t.run_id = $1 and t.state = 'waiting' and t.pending = 1
        and not exists (
              select from revision_edge e
                join task_run p on p.run_id = t.run_id and p.ordinal = e.parent
               where e.revision_id = t.revision_id and e.child = t.ordinal
                 and p.state not in ('reused', 'skipped'))
      order by t.ordinal for no key update of t`,
    [runId],
  );
  const result = await client.query<{ released: boolean; undecided: boolean }>(
    `with r as (
       update run set held = false where id = $1 and held and finished_at is null returning id),
     t as (
       update task_run t
          set pending = 0,
              state = (case when t.gated then 'waiting' else 'ready' end)::task_state,
              ready_at = case when not t.gated then now() end
         from r where t.run_id = r.id and t.ordinal = any($2::int[]) and t.state = 'waiting'
       returning t.gated)
     select exists (select from r) as released, exists (select from t where gated) as undecided`,
    [runId, first.rows.map(({ ordinal }) => ordinal)],
  );
  return result.rows[0] ?? { released: false, undecided: false };
}

/** Remembers how many held runs a flow has let go since one came from below. */
export async function writeTurns(client: PoolClient, flowId: string, turns: number): Promise<void> {
  await client.query(
    `insert into flow_turns (flow_id, turns) values ($1, $2)
     on conflict (flow_id) do update set turns = excluded.turns`,
    [flowId, turns],
  );
}
