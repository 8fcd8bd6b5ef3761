import type { Pool } from "pg";
import { type Actor, authorise } from "#server/auth/actor.ts";
import { AppError } from "#server/core/errors.ts";
import { canonicalJson, sha256Hex } from "#server/core/flow/canonical.ts";
import { checkParams } from "#server/core/run/check-order.ts";
import { noSuchRun } from "#server/core/run/refusals.ts";
import type { IntervalView, RunDetail } from "#server/core/run/view.ts";
import { flowZone } from "#server/core/schedule/last-step.ts";
import { findRevision, type RevisionRow } from "#server/db/flow/revisions.ts";
import { findRunSource, type InsertedRun } from "#server/db/run/runs.ts";
import { inTransaction } from "#server/db/transaction.ts";
import { type PlainOrder, startPlainRun, startRun } from "#server/engine/start/start-runs.ts";
import type { Deps } from "#server/usecases/deps.ts";
import { requireInterval } from "#server/usecases/flows/needed-interval.ts";
import { requireRevision } from "#server/usecases/flows/require.ts";
import type { CreateRunInput } from "./inputs.ts";
import { getRun } from "./read.ts";
import { recallRevision, rememberRevision } from "./recall.ts";

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
  if (input.from !== undefined && (await findRunSource(deps.pool, input.from)) === null) {
    return noSuchRun(input.from);
  }
  const { idempotencyKey: _, ...request } = input;
  const requestHash = sha256Hex(canonicalJson({ create: request }));
  const wish = { ...input, createdBy: actor.name, requestHash };
  const started = (await startRecalled(deps.pool, wish)) ?? (await startFound(deps.pool, wish));
  return getRun(deps, actor, sameRequest(started, requestHash));
}

/** What is asked for, and by whom. */
type Wish = CreateRunInput & { createdBy: string; requestHash: string };

/**
 * Starts a run of the revision that the flow was last seen to have, which nearly always it still has:
 * the start itself looks whether that is so.
 * @returns null when it is not known, not so any more, or not as simple as that
 */
async function startRecalled(pool: Pool, wish: Wish): Promise<InsertedRun | null> {
  const revision = wish.revision === undefined ? recallRevision(pool, wish.flow) : undefined;
  if (revision === undefined) return null;
  try {
    return await startPlainRun(pool, await orderOf(pool, wish, revision), { onlyCurrent: true });
  } catch (error) {
    // What this revision refuses, the one that is current by now may allow.
    if (error instanceof AppError) return null;
    throw error;
  }
}

async function startFound(pool: Pool, wish: Wish): Promise<InsertedRun> {
  const revision = requireRevision(
    await findRevision(pool, wish.flow, wish.revision ?? null),
    wish.flow,
    wish.revision,
  );
  if (revision.archivedAt !== null) refuseArchived(wish.flow);
  const order = await orderOf(pool, wish, revision);
  const plain = await startPlainRun(pool, order, { onlyCurrent: false });
  if (plain === null) return inTransaction(pool, (client) => startRun(client, order));
  rememberRevision(pool, revision);
  return plain;
}

async function orderOf(pool: Pool, wish: Wish, revision: RevisionRow): Promise<PlainOrder> {
  const interval = normaliseInterval(wish.interval ?? null);
  const params = checkParams(revision.spec.params, wish.params);
  await requireInterval(pool, revision, interval);
  return {
    flowId: revision.flowId,
    revisionId: revision.id,
    revisionHash: revision.hash,
    params,
    interval,
    timezone: wish.timezone ?? flowZone(revision.spec),
    ...(wish.from === undefined
      ? { trigger: "manual" }
      : { trigger: "changes", changedFrom: wish.from }),
    createdBy: wish.createdBy,
    idempotencyKey: wish.idempotencyKey,
    requestHash: wish.requestHash,
  };
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
