/**
 * The one way into being for runs that are not reruns: of people, of programs, of schedules, of
 * backfills and of tasks that run flows.
 */
import type { PoolClient } from "pg";
import { type Pins, sealManifest } from "../../core/run/manifest.ts";
import { announceRuns } from "../../db/live/notify.ts";
import { fillRuns, type InsertedRun, insertRuns, type NewRun } from "../../db/run/runs.ts";
import { type PlainRun, startOne } from "../../db/run/start-one.ts";
import type { Queryable } from "../../db/sql.ts";
import { decideUndecided } from "../settle/settle.ts";
import { pinFlows } from "./flow-pins.ts";
import { holdBeyondLimit } from "./release-runs.ts";

/** A run that is to be made. Its manifest follows from the rest. */
export type RunOrder = Omit<NewRun, "manifest"> & {
  revisionHash: string;
  /** Given where the run is a part of another one; otherwise decided now. */
  pins?: Pins | null;
};

/**
 * Fixes what determines the runs: the one place that decides in which revisions called flows run.
 * @returns the orders with their manifests, in order
 * @throws AppError INVALID_FLOW_TASK, FLOW_ARCHIVED when a flow that a task runs cannot run
 */
export async function sealRuns(sql: Queryable, orders: readonly RunOrder[]): Promise<NewRun[]> {
  const pinned = await pinFlows(
    sql,
    orders.filter((order) => order.pins === undefined),
  );
  return orders.map(({ revisionHash, pins, ...order }) => {
    const { flowId: flow, params, interval, timezone, revisionId } = order;
    const flows = pins === undefined ? pinned.get(revisionId) : pins;
    const facts = { flow, revisionHash, params, interval, timezone };
    const manifest = sealManifest(flows === undefined ? facts : { ...facts, flows });
    return { ...order, manifest };
  });
}

/**
 * Creates runs with their task runs, within the caller's transaction, and wakes the runners when it
 * commits. Safe to race: a run whose idempotency key, tick, place in a ledger or calling task is taken is not
 * created again.
 * @returns one result for each run, in order
 * @throws AppError as sealRuns
 */
export async function startRuns(
  client: PoolClient,
  orders: readonly RunOrder[],
): Promise<InsertedRun[]> {
  const runs = await sealRuns(client, orders);
  const inserted = await insertRuns(client, runs);
  const created = runs.flatMap((run, index) => {
    const row = inserted[index];
    return row?.created === true ? [{ ...run, id: row.id, limited: row.limited }] : [];
  });
  if (created.length === 0) return inserted;
  const heldBack = await holdBeyondLimit(
    client,
    created.map(({ id, flowId, limited, schedule }) => ({
      id,
      flowId,
      limited,
      held: schedule?.held ?? false,
    })),
  );
  const undecided = await fillRuns(
    client,
    created.map((run) => ({
      id: run.id,
      revisionId: run.revisionId,
      held: (run.schedule?.held ?? false) || heldBack.has(run.id),
      priority: run.priority ?? 0,
      actor: run.createdBy,
      detail: {
        ...originOf(run),
        ...(run.schedule === undefined ? {} : { schedule: run.schedule }),
        ...(run.backfill === undefined ? {} : { backfill: run.backfill }),
        ...(run.caller === undefined ? {} : { caller: run.caller }),
      },
    })),
  );
  for (const id of undecided) await decideUndecided(client, id);
  await announceRuns(
    client,
    created.map(({ id }) => id),
  );
  return inserted;
}

/** What started a run, for its record. */
const originOf = ({ trigger, changedFrom }: Pick<NewRun, "trigger" | "changedFrom">) => ({
  trigger,
  ...(changedFrom === undefined ? {} : { from: changedFrom }),
});

/** A run that is made for itself: it belongs to no schedule, backfill, calling task or run before it. */
export type PlainOrder = Omit<PlainRun, "manifest"> & { revisionHash: string };

/**
 * Creates a run for itself with its task runs, and wakes the runners: what `startRuns` does, in a
 * fraction of the time.
 * @param onlyCurrent starts nothing unless the revision is the current one of a flow that is not archived
 * @returns null when nothing was done and the case is one for `startRuns`, see `startOne`
 * @throws AppError as sealRuns
 */
export async function startPlainRun(
  sql: Queryable,
  order: PlainOrder,
  { onlyCurrent }: { onlyCurrent: boolean },
): Promise<InsertedRun | null> {
  const [run] = await sealRuns(sql, [order]);
  if (run === undefined) throw new Error("an order without a run");
  const id = await startOne(sql, run, originOf(run), onlyCurrent);
  return id === null ? null : { created: true, id, limited: false };
}

/** One run of `startRuns`. */
export async function startRun(client: PoolClient, run: RunOrder): Promise<InsertedRun> {
  const [started] = await startRuns(client, [run]);
  if (started === undefined) throw new Error("a start without a result");
  return started;
}
