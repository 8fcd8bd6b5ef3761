/**
 * Turns of runs: which new ones have to wait, and which held ones go on. Both happen under one lock for
 * each flow, so that a flow never has more active runs than it may have, whoever creates and ends them.
 */
import type { Pool, PoolClient } from "pg";
import { chooseRuns } from "../../core/queue/share.ts";
import { isLocked } from "../../db/failures.ts";
import { announceRuns } from "../../db/live/notify.ts";
import {
  findFlowsWithHeld,
  findRunsInTurn,
  holdRuns,
  lockTurns,
  readTurns,
  releaseRun,
  tryLockHeldRun,
  writeTurns,
} from "../../db/run/turns.ts";
import { inTransaction } from "../../db/transaction.ts";
import { decideUndecided } from "../settle/settle.ts";

/** Most flows that one pass looks at, and most held runs of one flow that it lets go. */
const MOST_FLOWS = 1_000;
const MOST_RELEASED = 200;

/** A run that has been created within the caller's transaction and has no tasks yet. */
export interface FreshRun {
  id: string;
  flowId: string;
  /** Whether the flow limits its active runs. */
  limited: boolean;
  /** True when it is held already, whatever its flow allows. */
  held: boolean;
}

/**
 * Holds back what new runs would be too much for their flows. Runs that are held already go before
 * them. Call it between creating runs and creating their tasks.
 * @returns the ids of those that are held back now
 */
export async function holdBeyondLimit(
  client: PoolClient,
  fresh: readonly FreshRun[],
): Promise<Set<string>> {
  const held = new Set<string>();
  const limited = [...new Set(fresh.filter((run) => run.limited).map(({ flowId }) => flowId))];
  if (limited.length === 0) return held;
  await lockTurns(client, limited);
  const ids = fresh.map(({ id }) => id);
  for (const { id: flowId, concurrency, active, waiting } of await readTurns(
    client,
    limited,
    ids,
  )) {
    if (concurrency === null) continue;
    let room = waiting ? 0 : concurrency - active;
    for (const run of fresh) {
      if (run.flowId !== flowId || run.held) continue;
      room -= 1;
      if (room < 0) held.add(run.id);
    }
  }
  if (held.size > 0) await holdRuns(client, [...held]);
  return held;
}

/**
 * Lets held runs go whose turn has come: after earlier runs of their schedule where they take turns,
 * and within the active runs that their flow may have. Safe to race. What another session has locked is left
 * to the next pass, with the other held runs of its flow.
 * @returns how many were let go, and whether any were held before
 */
export async function releaseRuns(pool: Pool): Promise<{ released: number; held: boolean }> {
  const flows = await findFlowsWithHeld(pool, MOST_FLOWS);
  let released = 0;
  for (const flowId of flows) {
    try {
      released += await inTransaction(pool, (client) => releaseOf(client, flowId));
    } catch (error) {
      if (!isLocked(error)) throw error;
    }
  }
  return { released, held: flows.length > 0 };
}

async function releaseOf(client: PoolClient, flowId: string): Promise<number> {
  await lockTurns(client, [flowId]);
  const [flow] = await readTurns(client, [flowId]);
  if (flow === undefined) return 0;
  const room = Math.min(
    MOST_RELEASED,
    flow.concurrency === null ? MOST_RELEASED : flow.concurrency - flow.active,
  );
  if (room <= 0) return 0;
  const able = await findRunsInTurn(client, flowId, room);
  const { chosen, turns } = chooseRuns(able, room, flow.turns);
  const released: string[] = [];
  for (const { id } of chosen) {
    // Whoever has it cancels it, or will see it again: the next pass looks anew.
    if (!(await tryLockHeldRun(client, id))) continue;
    const result = await releaseRun(client, id);
    if (!result.released) continue;
    if (result.undecided) await decideUndecided(client, id);
    released.push(id);
  }
  if (released.length === 0) return 0;
  if (new Set(able.map(({ priority }) => priority)).size > 1) {
    await writeTurns(client, flowId, turns);
  }
  await announceRuns(client, released);
  return released.length;
}
