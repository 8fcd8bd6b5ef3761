import { type Actor, authorise, type Permission } from "#server/auth/actor.ts";
import { AppError } from "#server/core/errors.ts";
import { canonicalJson, sha256Hex } from "#server/core/flow/canonical.ts";
import type { Json } from "#server/core/flow/spec.ts";
import type { Page } from "#server/core/page.ts";
import {
  type BulkItemView,
  type BulkKind,
  type BulkList,
  type BulkPreview,
  type BulkView,
  MAX_BULK_RUNS,
} from "#server/core/run/bulk-view.ts";
import { readNow } from "#server/db/clock.ts";
import {
  previewBulk as countTargets,
  findBulk,
  insertBulk,
  listBulks,
  listItems,
  stopBulk as stopItems,
} from "#server/db/run/bulk.ts";
import { inTransaction } from "#server/db/transaction.ts";
import type { Deps } from "#server/usecases/deps.ts";
import type { BulkItemsInput, BulkListInput, BulkPreviewInput, BulkStartInput } from "./inputs.ts";

const needed: Record<BulkKind, Permission> = { rerun: "run:start", cancel: "run:cancel" };

/** How many runs a bulk action would act upon, and up to which run. */
export async function previewBulk(
  deps: Deps,
  actor: Actor,
  input: BulkPreviewInput,
): Promise<BulkPreview> {
  authorise(actor, "run:read");
  return countTargets(deps.pool, input.kind, input.filter);
}

/**
 * Stores a bulk action; runners work it off. Refused when another number of runs matches by now than
 * the preview said. The same idempotency key gives the same bulk action.
 * @throws AppError STALE_PLAN, NOTHING_TO_RUN, PAYLOAD_TOO_LARGE, IDEMPOTENCY_MISMATCH
 */
export async function startBulk(
  deps: Deps,
  actor: Actor,
  input: BulkStartInput,
): Promise<BulkView> {
  authorise(actor, needed[input.kind]);
  const { idempotencyKey, ...request } = input;
  const requestHash = sha256Hex(canonicalJson({ bulk: request as unknown as Json }));
  const id = await inTransaction(deps.pool, async (client) => {
    const inserted = await insertBulk(client, {
      kind: input.kind,
      scope: input.kind === "rerun" ? input.scope : null,
      filter: input.filter,
      highWater: input.highWater,
      reason: input.reason ?? null,
      createdBy: actor.name,
      idempotencyKey,
      requestHash,
    });
    if (!inserted.created) {
      if (inserted.requestHash === requestHash) return inserted.id;
      throw new AppError(
        "IDEMPOTENCY_MISMATCH",
        `The idempotency key was used for another request, which made bulk action ${inserted.id}.`,
        { fix: "Send a new key with a new request.", data: { bulk: inserted.id } },
      );
    }
    refuseCount(inserted.total, input.count);
    return inserted.id;
  });
  return getBulk(deps, actor, id);
}

function refuseCount(total: number, seen: number): void {
  if (total > MAX_BULK_RUNS) {
    throw new AppError("PAYLOAD_TOO_LARGE", `More than ${MAX_BULK_RUNS} runs match.`, {
      fix: "Narrow the filter down.",
    });
  }
  if (total !== seen) {
    throw new AppError("STALE_PLAN", `${total} runs match by now, and ${seen} were shown.`, {
      fix: "Look at the new number and confirm it.",
      data: { count: total },
    });
  }
}

/** @throws AppError NOT_FOUND */
export async function getBulk(deps: Deps, actor: Actor, id: string): Promise<BulkView> {
  authorise(actor, "run:read");
  return (await findBulk(deps.pool, id)) ?? noSuchBulk(id);
}

/** Bulk actions, newest first. */
export async function listBulk(
  deps: Deps,
  actor: Actor,
  { cursor = null, limit }: BulkListInput,
): Promise<BulkList> {
  authorise(actor, "run:read");
  const rows = await listBulks(deps.pool, cursor, limit + 1);
  const items = rows.slice(0, limit);
  return {
    items,
    next: rows.length > limit ? (items.at(-1)?.id ?? null) : null,
    now: (await readNow(deps.pool)).toISOString(),
  };
}

/** What became of each run, newest run first. */
export async function listBulkItems(
  deps: Deps,
  actor: Actor,
  input: BulkItemsInput,
): Promise<Page<BulkItemView>> {
  authorise(actor, "run:read");
  const { id, state, cursor = null, limit } = input;
  const rows = await listItems(deps.pool, id, state, cursor, limit + 1);
  const items = rows.slice(0, limit);
  return { items, next: rows.length > limit ? (items.at(-1)?.run ?? null) : null };
}

/**
 * Leaves the rest of a bulk action undone. What has been done stays.
 * @throws AppError NOT_FOUND
 */
export async function stopBulk(deps: Deps, actor: Actor, id: string): Promise<BulkView> {
  const bulk = await getBulk(deps, actor, id);
  authorise(actor, needed[bulk.kind]);
  if (bulk.finishedAt === null) {
    await inTransaction(deps.pool, (client) => stopItems(client, id));
  }
  return getBulk(deps, actor, id);
}

function noSuchBulk(id: string): never {
  throw new AppError("NOT_FOUND", `There is no bulk action ${id}.`, {
    fix: "Look at the list of runs.",
  });
}
