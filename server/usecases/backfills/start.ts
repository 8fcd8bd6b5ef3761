import { type Actor, authorise } from "#server/auth/actor.ts";
import { totalsOf } from "#server/core/backfill/plan.ts";
import type { BackfillDetail } from "#server/core/backfill/view.ts";
import { AppError } from "#server/core/errors.ts";
import { canonicalJson, sha256Hex } from "#server/core/flow/canonical.ts";
import type { Json } from "#server/core/flow/spec.ts";
import {
  findStartedWith,
  insertBackfillEvents,
  lockBackfill,
  markBackfillStarted,
  replacePlan,
} from "#server/db/backfill/backfills.ts";
import { findRevision } from "#server/db/flow/revisions.ts";
import { publishRuns, wakeBackfills } from "#server/db/live/notify.ts";
import { inTransaction } from "#server/db/transaction.ts";
import { faultPoint } from "#server/engine/faults.ts";
import type { Deps } from "#server/usecases/deps.ts";
import { requireRevision } from "#server/usecases/flows/require.ts";
import { refuseArchived } from "#server/usecases/runs/create.ts";
import type { BackfillStartInput } from "./inputs.ts";
import { guardedTasksOf, makePlan } from "./plan.ts";
import { getBackfill, noBackfill } from "./read.ts";

/**
 * Starts the backfill that a plan showed. Everything is decided anew: a plan that would look
 * different by now is stored in place of the old one and refused. The same idempotency key gives the
 * same backfill, also when what it asks for has been planned once more.
 * @throws AppError NOT_FOUND, FLOW_ARCHIVED, STALE_PLAN (with the hash of the new plan),
 *   NOTHING_TO_RUN, GUARD_REASON_REQUIRED, IDEMPOTENCY_MISMATCH, CONFLICT when it was started already
 */
export async function startBackfill(
  deps: Deps,
  actor: Actor,
  input: BackfillStartInput,
): Promise<BackfillDetail> {
  authorise(actor, "run:start");
  const { id, planHash, reason, idempotencyKey } = input;
  const outcome = await inTransaction(deps.pool, async (client) => {
    const backfill = (await lockBackfill(client, id)) ?? noBackfill(id);
    // Of what was asked, not of the plan: who asks the same again gets what was made of it.
    const asked = { backfill: backfill.request as unknown as Json, reason: reason ?? null };
    const requestHash = sha256Hex(canonicalJson(asked));
    const twin = await findStartedWith(client, idempotencyKey);
    if (twin !== null) return { started: sameStart(twin, requestHash) };
    if (backfill.state !== "planned") {
      throw new AppError("CONFLICT", `Backfill ${id} has been started.`, {
        fix: "Look at it, or plan a new one.",
      });
    }
    const { flow, revision: number } = backfill.request;
    const found = await findRevision(client, flow, number);
    const revision = requireRevision(found, flow, number);
    if (revision.archivedAt !== null) refuseArchived(flow);
    const { rows, hash } = await makePlan(client, revision, backfill.request);
    if (hash !== backfill.planHash) await replacePlan(client, id, hash, rows);
    if (hash !== planHash) return { stale: { hash, ...totalsOf(rows) } };
    const { counts, guardedRows } = totalsOf(rows);
    if (counts.run === 0) {
      throw new AppError("NOTHING_TO_RUN", "No interval of this backfill needs to run.", {
        fix: "Choose another range, or reprocess all.",
      });
    }
    if (guardedRows > 0 && reason === undefined)
      refuseUnguarded(guardedRows, guardedTasksOf(revision.spec));
    await markBackfillStarted(client, id, {
      actor: actor.name,
      reason: reason ?? null,
      idempotencyKey,
      requestHash,
    });
    const detail = { planHash, counts, ...(reason === undefined ? {} : { reason, guardedRows }) };
    await insertBackfillEvents(client, [{ id, actor: actor.name, verb: "started", detail }]);
    await wakeBackfills(client);
    await publishRuns(client, []);
    faultPoint("within-start");
    return { started: id };
  });
  faultPoint("after-start");
  if (outcome.stale !== undefined) {
    const { hash, counts, reasons } = outcome.stale;
    throw new AppError("STALE_PLAN", "The plan has changed since it was shown.", {
      fix: "Look at the new plan and confirm it.",
      data: { hash, counts, reasons },
    });
  }
  return getBackfill(deps, actor, { id: outcome.started });
}

/** @throws AppError IDEMPOTENCY_MISMATCH when the key was used for something else */
function sameStart(twin: { id: string; requestHash: string | null }, requestHash: string): string {
  if (twin.requestHash === requestHash) return twin.id;
  throw new AppError(
    "IDEMPOTENCY_MISMATCH",
    `The idempotency key was used for another request, which started backfill ${twin.id}.`,
    { fix: "Send a new key with a new request.", data: { backfill: twin.id } },
  );
}

function refuseUnguarded(rows: number, tasks: string[]): never {
  const intervals = rows === 1 ? "one interval" : `${rows} intervals`;
  throw new AppError(
    "GUARD_REASON_REQUIRED",
    `In ${intervals} tasks succeeded whose effects would be repeated: ${tasks.join(", ")}.`,
    { fix: "Type a reason; it is recorded with the runs.", data: { rows, tasks } },
  );
}
