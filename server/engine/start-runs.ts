/**
 * The one way into being for runs that are not reruns: of people, of programs, of schedules and of
 * backfills.
 */
import type { PoolClient } from "pg";
import { publishRuns, wakeRunners } from "../db/notify.ts";
import {
  type InsertedRun,
  insertRunEvents,
  insertRuns,
  insertTaskRuns,
  type NewRun,
} from "../db/runs.ts";
import { holdBeyondLimit } from "./release-runs.ts";
import { decideUndecided } from "./settle.ts";

/**
 * Creates runs with their task runs, within the caller's transaction, and wakes the runners when it
 * commits. Safe to race: a run whose idempotency key, tick or place in a ledger is taken is not
 * created again.
 * @returns one result for each run, in order
 */
export async function startRuns(
  client: PoolClient,
  runs: readonly NewRun[],
): Promise<InsertedRun[]> {
  const inserted = await insertRuns(client, runs);
  const created = runs.flatMap((run, index) => {
    const row = inserted[index];
    return row?.created === true ? [{ ...run, id: row.id }] : [];
  });
  if (created.length === 0) return inserted;
  const heldBack = await holdBeyondLimit(
    client,
    created.map(({ id, flowId, schedule }) => ({ id, flowId, held: schedule?.held ?? false })),
  );
  const undecided = await insertTaskRuns(
    client,
    created.map(({ id, revisionId, schedule, priority }) => ({
      id,
      revisionId,
      held: (schedule?.held ?? false) || heldBack.has(id),
      priority: priority ?? 0,
    })),
  );
  await insertRunEvents(
    client,
    created.map(({ id, createdBy, trigger, schedule, backfill }) => ({
      runId: id,
      actor: createdBy,
      verb: "started",
      detail: {
        trigger,
        ...(schedule === undefined ? {} : { schedule }),
        ...(backfill === undefined ? {} : { backfill }),
      },
    })),
  );
  for (const id of undecided) await decideUndecided(client, id);
  await wakeRunners(client);
  await publishRuns(
    client,
    created.map(({ id }) => id),
  );
  return inserted;
}

/** One run of `startRuns`. */
export async function startRun(client: PoolClient, run: NewRun): Promise<InsertedRun> {
  const [started] = await startRuns(client, [run]);
  if (started === undefined) throw new Error("a start without a result");
  return started;
}
