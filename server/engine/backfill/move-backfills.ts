/**
 * The window of backfills: takes over how runs ended, decides what comes next, and starts it. Runs
 * and ledger change in one transaction on a locked backfill, and everything is asked of rows: what
 * dies in between leaves nothing that the next step would not find.
 */
import type { Pool, PoolClient } from "pg";
import { BACKFILL_PRIORITY, MAX_ROWS, type RowCounts } from "../../core/backfill/states.ts";
import type { BackfillPause } from "../../core/backfill/view.ts";
import { nextMove, type WindowMove } from "../../core/backfill/window.ts";
import { AppError } from "../../core/errors.ts";
import { sha256Hex } from "../../core/flow/canonical.ts";
import {
  type Canary,
  changeHead,
  countCanary,
  countRows,
  findNextRows,
  findOpenBackfills,
  findRunsToCancel,
  markRefused,
  markStarted,
  type StartedRow,
  takeOverEnds,
  type WaitingRow,
} from "../../db/backfill/backfill-window.ts";
import {
  insertBackfillEvents,
  type OpenBackfill,
  tryLockBackfill,
} from "../../db/backfill/backfills.ts";
import { isLocked } from "../../db/failures.ts";
import { publishRuns } from "../../db/live/notify.ts";
import { findBackfillOrigin, insertNotice } from "../../db/notify/notices.ts";
import { intervalOf } from "../../db/sql.ts";
import { inTransaction } from "../../db/transaction.ts";
import { faultPoint } from "../faults.ts";
import { cancelRunWithin } from "../settle/settle.ts";
import { prepareRerun, startRerun } from "../start/start-rerun.ts";
import { type RunOrder, startRuns } from "../start/start-runs.ts";

/** Name under which the engine's own steps are recorded. */
const ACTOR = "backfill";
/** Most backfills that are looked at in one pass. */
const MOST_OPEN = 200;
/** Most runs that one transaction starts: the lock is held for some tens of milliseconds. */
const MOST_STARTED = 250;
/** Reruns are planned one by one. */
const MOST_RETRIED = 50;
const MOST_CANCELLED = 50;

/** How a backfill ended: what a notification of its end has to tell. */
export interface BackfillEnd {
  id: string;
  flowId: string;
  state: "succeeded" | "failed" | "cancelled";
  counts: RowCounts;
}

export interface MoveResult {
  /** Backfills that have not ended. */
  open: number;
  /** True when there is more to do at once. */
  more: boolean;
  failed: { id: string; error: unknown }[];
}

/**
 * Moves every open backfill by one step. Safe to race: a backfill that somebody else is moving is
 * passed over, and so is one that needs what another session has locked. One that cannot be moved is paused
 * with the reason and keeps no other waiting.
 * @throws the driver's error when the database cannot be reached
 */
export async function moveBackfills(pool: Pool): Promise<MoveResult> {
  const ids = await findOpenBackfills(pool, MOST_OPEN);
  const result: MoveResult = { open: ids.length, more: false, failed: [] };
  for (const id of ids) {
    try {
      const step = await inTransaction(pool, (client) => moveBackfill(client, id));
      if (step === null) continue;
      if (step.started > 0) faultPoint("after-window");
      if (step.more) result.more = true;
      if (step.cancelRunning && (await cancelRuns(pool, id))) result.more = true;
    } catch (error) {
      if (isLocked(error)) continue;
      if (!isOfOne(error)) throw error;
      result.failed.push({ id, error });
      await inTransaction(pool, (client) => pauseBroken(client, id, error));
    }
  }
  return result;
}

/** Whether an error comes from what a backfill holds and not from the state of the database. */
function isOfOne(error: unknown): boolean {
  if (error instanceof AppError || error instanceof RangeError) return true;
  const code = (error as { code?: unknown }).code;
  // Classes 22 and 23 of SQLSTATE: data that does not fit, constraints.
  return typeof code === "string" && /^2[23]/.test(code);
}

async function pauseBroken(client: PoolClient, id: string, error: unknown): Promise<void> {
  const backfill = await tryLockBackfill(client, id);
  if (backfill === null || backfill.state !== "running") return;
  const message = error instanceof Error ? error.message : String(error);
  await pauseFor(client, backfill, { kind: "fault", message, at: backfill.now });
}

interface Step {
  started: number;
  more: boolean;
  cancelRunning: boolean;
}

/**
 * One step of one backfill, within the caller's transaction.
 * @returns null when it has ended or somebody else is moving it
 */
export async function moveBackfill(client: PoolClient, id: string): Promise<Step | null> {
  const backfill = await tryLockBackfill(client, id);
  if (backfill === null) return null;
  const version = nextVersion(backfill);
  const ended = await takeOverEnds(client, id, version);
  if (ended.length > 0) faultPoint("within-backfill-end");
  const counts = await countRows(client, id);
  const canary = backfill.canary === 0 ? null : await countCanary(client, id, backfill.canary);
  const move = nextMove({ ...backfill, counts, canary: canary?.counts ?? null });
  const step: Step = { started: 0, more: false, cancelRunning: backfill.cancelRunning };
  if (move.kind === "end") {
    await endBackfill(client, backfill, move.state, counts);
    return { ...step, cancelRunning: false };
  }
  if (move.kind === "pause") {
    await pauseFor(client, backfill, { ...move.pause, at: backfill.now });
    return step;
  }
  if (move.kind === "start" && backfill.archived) {
    await pauseFor(client, backfill, { kind: "archived", at: backfill.now });
    return step;
  }
  const moved = move.kind === "start" ? await startRows(client, backfill, move, canary) : null;
  if (ended.length === 0 && (moved === null || moved.taken === 0)) return step;
  const canaryDone = move.kind === "start" && canary !== null && !move.canary;
  await changeHead(client, id, { version, canaryDone });
  // What a run's own reports do not tell: rows that ended, retries that were refused.
  if (moved === null || moved.started === 0) await publishRuns(client, []);
  return { ...step, started: moved?.started ?? 0, more: moved?.more ?? false };
}

const nextVersion = ({ version }: OpenBackfill) => String(BigInt(version) + 1n);

/**
 * The one place where a backfill ends. It happens once for each time that it was started or tried
 * again, in the transaction that ends it.
 */
async function endBackfill(
  client: PoolClient,
  backfill: OpenBackfill,
  state: BackfillEnd["state"],
  counts: RowCounts,
): Promise<void> {
  const { id } = backfill;
  await changeHead(client, id, { version: nextVersion(backfill), end: state });
  await insertBackfillEvents(client, [
    { id, actor: ACTOR, verb: "ended", detail: { state, counts } },
  ]);
  const origin = await findBackfillOrigin(client, id);
  if (origin !== null) {
    const { succeeded, failed } = counts;
    const total = Object.values(counts).reduce((sum, n) => sum + n, 0);
    await insertNotice(client, {
      event: "backfill_finished",
      backfillId: id,
      ...origin,
      detail: { state, succeeded, failed, total },
    });
  }
  await publishRuns(client, []);
}

async function pauseFor(
  client: PoolClient,
  backfill: OpenBackfill,
  pause: BackfillPause,
): Promise<void> {
  const { id } = backfill;
  await changeHead(client, id, { version: nextVersion(backfill), pause });
  const { at: _at, ...detail } = pause;
  await insertBackfillEvents(client, [{ id, actor: ACTOR, verb: "stopped", detail }]);
  await publishRuns(client, []);
}

/** Starts the next rows, as many as fit into one transaction. */
async function startRows(
  client: PoolClient,
  backfill: OpenBackfill,
  move: WindowMove & { kind: "start" },
  canary: Canary | null,
): Promise<{ started: number; taken: number; more: boolean }> {
  const version = nextVersion(backfill);
  const limit = Math.min(move.rows, MOST_STARTED);
  const to = move.canary && canary !== null ? canary.last : MAX_ROWS;
  const rows = await findNextRows(client, backfill, to, limit);
  const fresh = rows.filter((row) => row.run === null);
  const again = rows.filter((row) => row.run !== null).slice(0, MOST_RETRIED);
  const started = await startFresh(client, backfill, fresh);
  for (const row of again) {
    const retried = await retryRow(client, backfill, version, row);
    if (retried !== null) started.push(retried);
  }
  if (started.length > 0) {
    await markStarted(client, backfill.id, version, started);
    faultPoint("within-window");
  }
  const taken = fresh.length + again.length;
  return { started: started.length, taken, more: taken > 0 && taken < move.rows };
}

async function startFresh(
  client: PoolClient,
  backfill: OpenBackfill,
  rows: readonly WaitingRow[],
): Promise<StartedRow[]> {
  const inserted = await startRuns(
    client,
    rows.map((row) => runOf(backfill, row)),
  );
  return rows.map((row, index) => {
    const run = inserted[index];
    if (run === undefined) throw new Error("a start without a result");
    return { ordinal: row.ordinal, run: run.id, tries: row.tries + 1 };
  });
}

function runOf(backfill: OpenBackfill, row: WaitingRow): RunOrder {
  const { id, flowId, revisionId, revisionHash, timezone, reason } = backfill;
  const params = row.params ?? backfill.params;
  return {
    flowId,
    revisionId,
    revisionHash,
    params,
    interval: intervalOf(row.start, row.end),
    timezone,
    trigger: "backfill",
    createdBy: backfill.createdBy,
    idempotencyKey: null,
    requestHash: null,
    backfill: { id, ordinal: row.ordinal, try: row.tries + 1 },
    priority: BACKFILL_PRIORITY,
    ...(row.guarded && reason !== null ? { reason } : {}),
  };
}

/**
 * Reruns what failed in the run of a row: identical, only the failed tasks and what depends on them.
 * @returns null when the rerun is refused, which the row then says
 */
async function retryRow(
  client: PoolClient,
  backfill: OpenBackfill,
  version: string,
  row: WaitingRow,
): Promise<StartedRow | null> {
  const place = { id: backfill.id, ordinal: row.ordinal, try: row.tries + 1 };
  const key = `backfill ${place.id} ${place.ordinal} ${place.try}`;
  try {
    const prepared = await prepareRerun(client, { id: row.run ?? "", scope: "failed" });
    const run = await startRerun(client, prepared, {
      createdBy: backfill.retryBy ?? backfill.createdBy,
      idempotencyKey: key,
      requestHash: sha256Hex(key),
      reason: backfill.retryReason ?? undefined,
      backfill: place,
      priority: BACKFILL_PRIORITY,
    });
    return { ordinal: row.ordinal, run: run.id, tries: place.try };
  } catch (error) {
    // The refusal stored nothing; the next row has its own chance.
    if (!(error instanceof AppError)) throw error;
    await markRefused(client, backfill.id, version, row.ordinal, error.message);
    return null;
  }
}

/** @returns whether there may be more runs to cancel */
async function cancelRuns(pool: Pool, id: string): Promise<boolean> {
  const runs = await findRunsToCancel(pool, id, MOST_CANCELLED);
  for (const run of runs) {
    try {
      await inTransaction(pool, (client) =>
        cancelRunWithin(client, run, ACTOR, `Backfill ${id} was cancelled.`),
      );
    } catch (error) {
      // It ended by itself just now, which is as good; or somebody has locked it, and the next pass looks again.
      const hasEnded = error instanceof AppError && error.code === "ALREADY_ENDED";
      if (!hasEnded && !isLocked(error)) throw error;
    }
  }
  return runs.length === MOST_CANCELLED;
}
