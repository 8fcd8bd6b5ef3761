import { type Actor, authorise } from "#server/auth/actor.ts";
import { AppError } from "#server/core/errors.ts";
import { canonicalJson, sha256Hex } from "#server/core/flow/canonical.ts";
import { checkParams } from "#server/core/run/check-order.ts";
import type { RunTrigger } from "#server/core/run/states.ts";
import type { IntervalView, RunDetail } from "#server/core/run/view.ts";
import { flowZone } from "#server/core/schedule/last-step.ts";
import { findRevision } from "#server/db/flow/revisions.ts";
import type { InsertedRun } from "#server/db/run/runs.ts";
import { inTransaction } from "#server/db/transaction.ts";
import { startRun } from "#server/engine/start/start-runs.ts";
import type { Deps } from "#server/usecases/deps.ts";
import { requireInterval } from "#server/usecases/flows/needed-interval.ts";
import { requireRevision } from "#server/usecases/flows/require.ts";
import type { CreateRunInput } from "./inputs.ts";
import { getRun } from "./read.ts";

/**
 * Starts a run: resolves the parameters, fixes the manifest and puts the tasks into the queue, all
 * or nothing. The same idempotency key gives the same run.
 * Without a time zone, it is that of the flow's schedule.
 * @throws AppError NOT_FOUND, FLOW_ARCHIVED, INVALID_PARAMS, INTERVAL_REQUIRED,
 *   INVALID_FLOW_TASK, IDEMPOTENCY_MISMATCH
 */
export async function createRun(
  deps: Deps,
  actor: Actor,
  input: CreateRunInput,
): Promise<RunDetail> {
  authorise(actor, "run:start");
  const revision = requireRevision(
    await findRevision(deps.pool, input.flow, input.revision ?? null),
    input.flow,
    input.revision,
  );
  if (revision.archivedAt !== null) refuseArchived(input.flow);
  const params = checkParams(revision.spec.params, input.params);
  const interval = normaliseInterval(input.interval ?? null);
  await requireInterval(deps.pool, revision, interval);
  const timezone = input.timezone ?? flowZone(revision.spec);
  const { idempotencyKey, ...request } = input;
  const trigger: RunTrigger = input.from === undefined ? "manual" : "changes";
  const requestHash = sha256Hex(canonicalJson({ create: request }));
  const started = await inTransaction(deps.pool, (client) =>
    startRun(client, {
      flowId: revision.flowId,
      revisionId: revision.id,
      revisionHash: revision.hash,
      params,
      interval,
      timezone,
      trigger,
      createdBy: actor.name,
      idempotencyKey,
      requestHash,
    }),
  );
  return getRun(deps, actor, sameRequest(started, requestHash));
}

/** @throws AppError FLOW_ARCHIVED */
export function refuseArchived(flow: string): never {
  throw new AppError("FLOW_ARCHIVED", `The flow "${flow}" is archived.`, {
    fix: "Bring its definition back, then start the run.",
  });
}

/**
 * @returns the id of the run, new or made by the same request before
 * @throws AppError IDEMPOTENCY_MISMATCH when the key was used for another request
 */
export function sameRequest(existing: InsertedRun, requestHash: string): string {
  if (existing.created || existing.requestHash === requestHash) return existing.id;
  throw new AppError(
    "IDEMPOTENCY_MISMATCH",
    `The idempotency key was used for another request, which made run ${existing.id}.`,
    { fix: "Send a new key with a new request.", data: { run: existing.id } },
  );
}

/** Instants in one form, so that equal intervals give equal manifests. */
export function normaliseInterval(interval: IntervalView | null): IntervalView | null {
  if (interval === null) return null;
  return {
    start: new Date(interval.start).toISOString(),
    end: new Date(interval.end).toISOString(),
  };
}
