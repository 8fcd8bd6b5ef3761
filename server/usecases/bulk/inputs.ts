import { z } from "zod";
import { bulkKinds, bulkStates, MAX_BULK_RUNS } from "#server/core/run/bulk-view.ts";
import { idempotencyKey, runFilter, runId } from "#server/usecases/runs/inputs.ts";

/** Shapes of what people and programs may ask of bulk actions. */

const id = runId;

export const bulkPreviewInput = z
  .object({ kind: z.enum(bulkKinds), filter: runFilter.default({}) })
  .strict();
export type BulkPreviewInput = z.infer<typeof bulkPreviewInput>;

const order = {
  filter: runFilter.default({}),
  /** What the preview said. */
  count: z.int().min(1).max(MAX_BULK_RUNS),
  highWater: runId,
  reason: z.string().trim().min(1).max(2_000).optional(),
  idempotencyKey,
};

export const bulkStartInput = z.discriminatedUnion("kind", [
  z
    .object({
      kind: z.literal("rerun"),
      scope: z.enum(["all", "failed"]).default("failed"),
      ...order,
    })
    .strict(),
  z.object({ kind: z.literal("cancel"), ...order }).strict(),
]);
export type BulkStartInput = z.infer<typeof bulkStartInput>;

export const bulkInput = z.object({ id }).strict();

export const bulkListInput = z
  .object({ cursor: id.nullish(), limit: z.int().min(1).max(100).default(25) })
  .strict();
export type BulkListInput = z.infer<typeof bulkListInput>;

export const bulkItemsInput = z
  .object({
    id,
    state: z
      .array(z.enum(bulkStates))
      .min(1)
      .max(bulkStates.length)
      .default([...bulkStates]),
    cursor: runId.nullish(),
    limit: z.int().min(1).max(200).default(100),
  })
  .strict();
export type BulkItemsInput = z.infer<typeof bulkItemsInput>;
