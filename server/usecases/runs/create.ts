import { type Actor, authorise } from "#server/auth/actor.ts";
import { AppError } from "#server/core/errors.ts";
import { canonicalJson, sha256Hex } from "#server/core/flow/canonical.ts";
import { resolveParams } from "#server/core/flow/params.ts";
import type { Json, ParamSchema } from "#server/core/flow/spec.ts";
import { sealManifest } from "#server/core/run/manifest.ts";
import type { RunTrigger } from "#server/core/run/states.ts";
import type { IntervalView, RunDetail } from "#server/core/run/view.ts";
import { publishRuns, wakeRunners } from "#server/db/notify.ts";
import { findRevision } from "#server/db/revisions.ts";
import { insertRun, insertRunEvent, insertTaskRuns, type NewRun } from "#server/db/runs.ts";
import { inTransaction } from "#server/db/transaction.ts";
import { decideUndecided } from "#server/engine/settle.ts";
import type { Deps } from "#server/usecases/deps.ts";
import { requireRevision } from "#server/usecases/flows/require.ts";
import type { CreateRunInput } from "./inputs.ts";
import { getRun } from "./read.ts";

/**
 * Starts a run: resolves the parameters, fixes the manifest and puts the tasks into the queue, all
 * or nothing. The same idempotency key gives the same run.
 * @throws AppError NOT_FOUND, FLOW_ARCHIVED, INVALID_PARAMS, IDEMPOTENCY_MISMATCH
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
  if (revision.archivedAt !== null) {
    throw new AppError("FLOW_ARCHIVED", `The flow "${input.flow}" is archived.`, {
      fix: "Bring its definition back, then start the run.",
    });
  }
  const params = checkParams(revision.spec.params, input.params);
  const interval = normaliseInterval(input.interval ?? null);
  const manifest = sealManifest({
    flow: revision.flowId,
    revisionHash: revision.hash,
    params,
    interval,
    timezone: input.timezone,
  });
  const { idempotencyKey, ...request } = input;
  const trigger: RunTrigger = input.from === undefined ? "manual" : "changes";
  const id = await startRun(deps, actor, {
    flowId: revision.flowId,
    revisionId: revision.id,
    manifest,
    params,
    interval,
    timezone: input.timezone,
    trigger,
    createdBy: actor.name,
    idempotencyKey,
    requestHash: sha256Hex(canonicalJson({ create: request })),
  });
  return getRun(deps, actor, id);
}

async function startRun(deps: Deps, actor: Actor, run: NewRun): Promise<string> {
  return inTransaction(deps.pool, async (client) => {
    const inserted = await insertRun(client, run);
    if (!inserted.created) return sameRequest(inserted, run.requestHash);
    const { undecided } = await insertTaskRuns(client, inserted.id, run.revisionId);
    await insertRunEvent(client, inserted.id, actor.name, "started", { trigger: run.trigger });
    if (undecided) await decideUndecided(client, inserted.id);
    await wakeRunners(client);
    await publishRuns(client, [inserted.id]);
    return inserted.id;
  });
}

/** @throws AppError IDEMPOTENCY_MISMATCH when the key was used for another request */
export function sameRequest(
  existing: { id: string; requestHash: string | null },
  requestHash: string,
): string {
  if (existing.requestHash === requestHash) return existing.id;
  throw new AppError(
    "IDEMPOTENCY_MISMATCH",
    `The idempotency key was used for another request, which made run ${existing.id}.`,
    { fix: "Send a new key with a new request.", data: { run: existing.id } },
  );
}

/** @throws AppError INVALID_PARAMS with one entry for each bad parameter */
export function checkParams(
  schemas: Record<string, ParamSchema>,
  given: Record<string, Json>,
): Record<string, Json> {
  const resolved = resolveParams(schemas, given);
  if (resolved.ok) return resolved.value;
  const [first] = resolved.errors;
  const more = resolved.errors.length > 1 ? ` (and ${resolved.errors.length - 1} more)` : "";
  throw new AppError(
    "INVALID_PARAMS",
    `${first?.message ?? "The parameters are invalid."}${more}`,
    {
      fix: "Correct the parameters and start again.",
      data: { fields: resolved.errors },
    },
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
