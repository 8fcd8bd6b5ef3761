import type { PoolClient } from "pg";
import { type Actor, authorise } from "#server/auth/actor.ts";
import { controlsOf } from "#server/core/backfill/controls.ts";
import { isBackfillEnded } from "#server/core/backfill/states.ts";
import type { BackfillControls, BackfillDetail } from "#server/core/backfill/view.ts";
import { AppError } from "#server/core/errors.ts";
import { countRows } from "#server/db/backfill/backfill-window.ts";
import {
  type BackfillHead,
  changeConcurrency,
  goOn,
  insertBackfillEvents,
  lockBackfill,
  pauseFor,
  retryFailedRows,
  stopBackfill,
} from "#server/db/backfill/backfills.ts";
import { findRevision } from "#server/db/flow/revisions.ts";
import { publishRuns, wakeBackfills } from "#server/db/live/notify.ts";
import { inTransaction } from "#server/db/transaction.ts";
import { moveBackfill } from "#server/engine/backfill/move-backfills.ts";
import type { Deps } from "#server/usecases/deps.ts";
import { refuseArchived } from "#server/usecases/runs/create.ts";
import type {
  BackfillInput,
  CancelBackfillInput,
  ConcurrencyInput,
  RetryFailedInput,
} from "./inputs.ts";
import { getBackfill, noBackfill } from "./read.ts";

/**
 * Starts nothing more until somebody resumes it; runs that were started go on. One that is paused
 * stays as it is.
 * @throws AppError NOT_FOUND, CONFLICT, ALREADY_ENDED
 */
export function pauseBackfill(
  deps: Deps,
  actor: Actor,
  { id }: BackfillInput,
): Promise<BackfillDetail> {
  return change(deps, actor, id, "pause", "paused", async (client, backfill) => {
    if (backfill.state === "paused") return null;
    await pauseFor(client, id, actor.name);
    return {};
  });
}

/**
 * Goes on with a paused backfill. What paused it is forgiven: failures until now do not count
 * towards `stopAfter`, and first rows that did not succeed hold nothing back any more. One that is
 * running stays as it is.
 * @throws AppError NOT_FOUND, CONFLICT, ALREADY_ENDED, FLOW_ARCHIVED
 */
export function resumeBackfill(
  deps: Deps,
  actor: Actor,
  { id }: BackfillInput,
): Promise<BackfillDetail> {
  return change(deps, actor, id, "resume", "resumed", async (client, backfill) => {
    if (backfill.state === "running") return null;
    await refuseArchivedFlow(client, backfill);
    await goOn(client, id, { pastCanary: backfill.pause?.kind === "canary" });
    return {};
  });
}

/**
 * Changes how many runs there may be at a time, at once. Runs beyond a lower number go on.
 * @throws AppError NOT_FOUND, CONFLICT, ALREADY_ENDED
 */
export function setBackfillConcurrency(
  deps: Deps,
  actor: Actor,
  { id, concurrency }: ConcurrencyInput,
): Promise<BackfillDetail> {
  return change(deps, actor, id, "setConcurrency", "concurrency", async (client, backfill) => {
    if (backfill.concurrency === concurrency) return null;
    await changeConcurrency(client, id, concurrency);
    return { from: backfill.concurrency, to: concurrency };
  });
}

/**
 * Cancels a backfill: what waits never starts. Its runs go on to their end with `running: "leave"`,
 * and are cancelled with `running: "cancel"`.
 * @throws AppError NOT_FOUND, CONFLICT, ALREADY_ENDED
 */
export function cancelBackfill(
  deps: Deps,
  actor: Actor,
  { id, running, reason }: CancelBackfillInput,
): Promise<BackfillDetail> {
  return change(deps, actor, id, "cancel", "cancel_requested", async (client, backfill) => {
    if (backfill.state === "cancelling" && running === "leave") return null;
    const waiting = await stopBackfill(client, id, running === "cancel");
    return { running, waiting, ...(reason === undefined ? {} : { reason }) };
  });
}

/**
 * Tries again what failed: each row whose run failed or was cancelled gets an identical rerun of its
 * failed tasks, within the same window. A backfill that ended, or was paused because of failures,
 * goes on; one that a person paused stays paused.
 * @throws AppError NOT_FOUND, CONFLICT, FLOW_ARCHIVED, NOTHING_TO_RUN when nothing failed
 */
export function retryFailed(
  deps: Deps,
  actor: Actor,
  { id, reason }: RetryFailedInput,
): Promise<BackfillDetail> {
  return change(deps, actor, id, "retryFailed", "retried", async (client, backfill) => {
    await refuseArchivedFlow(client, backfill);
    const rows = await retryFailedRows(client, id, { actor: actor.name, reason: reason ?? null });
    return { rows, ...(reason === undefined ? {} : { reason }) };
  });
}

async function refuseArchivedFlow(client: PoolClient, backfill: BackfillHead): Promise<void> {
  const revision = await findRevision(client, backfill.flowId, backfill.request.revision);
  if (revision?.archivedAt != null) refuseArchived(backfill.flowId);
}

/**
 * Changes a locked backfill when that is possible now, and records it.
 * @param work returns what is recorded, or null when there is nothing to change
 */
async function change(
  deps: Deps,
  actor: Actor,
  id: string,
  control: keyof BackfillControls,
  verb: string,
  work: (client: PoolClient, backfill: BackfillHead) => Promise<Record<string, unknown> | null>,
): Promise<BackfillDetail> {
  authorise(actor, control === "retryFailed" ? "run:start" : "backfill:control");
  await inTransaction(deps.pool, async (client) => {
    const backfill = (await lockBackfill(client, id)) ?? noBackfill(id);
    await refuseImpossible(client, backfill, control);
    const detail = await work(client, backfill);
    if (detail === null) return;
    await insertBackfillEvents(client, [{ id, actor: actor.name, verb, detail }]);
    // Without runs there is nothing to wait for: it ends here and now.
    if (control === "cancel") await moveBackfill(client, id);
    await wakeBackfills(client);
    await publishRuns(client, []);
  });
  return getBackfill(deps, actor, { id });
}

/** Controls that change nothing when repeated are no error then. */
const settled: Partial<Record<keyof BackfillControls, string>> = {
  pause: "paused",
  resume: "running",
  cancel: "cancelling",
};

async function refuseImpossible(
  client: PoolClient,
  { id, state }: BackfillHead,
  control: keyof BackfillControls,
): Promise<void> {
  if (settled[control] === state) return;
  const counts = await countRows(client, id);
  if (controlsOf(state, counts)[control]) return;
  if (
    control === "retryFailed" &&
    state !== "cancelled" &&
    counts.failed + counts.cancelled === 0
  ) {
    throw new AppError("NOTHING_TO_RUN", `No interval of backfill ${id} has failed.`, {
      fix: "Look at its intervals.",
    });
  }
  if (isBackfillEnded(state)) {
    throw new AppError("ALREADY_ENDED", `Backfill ${id} has ended: ${state}.`, {
      fix: "Plan a new one: it skips what has succeeded.",
    });
  }
  throw new AppError("CONFLICT", `This cannot be done while backfill ${id} is ${state}.`, {
    fix: "Look at what can be done now.",
  });
}
