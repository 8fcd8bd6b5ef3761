import { procedure, router } from "#server/trpc/init.ts";
import {
  getBulk,
  listBulk,
  listBulkItems,
  previewBulk,
  startBulk,
  stopBulk,
} from "#server/usecases/bulk/bulk.ts";
import {
  bulkInput,
  bulkItemsInput,
  bulkListInput,
  bulkPreviewInput,
  bulkStartInput,
} from "#server/usecases/bulk/inputs.ts";

export const bulkRouter = router({
  preview: procedure
    .input(bulkPreviewInput)
    .query(({ ctx, input }) => previewBulk(ctx.deps, ctx.actor, input)),
  start: procedure
    .input(bulkStartInput)
    .mutation(({ ctx, input }) => startBulk(ctx.deps, ctx.actor, input)),
  get: procedure.input(bulkInput).query(({ ctx, input }) => getBulk(ctx.deps, ctx.actor, input.id)),
  list: procedure
    .input(bulkListInput.prefault({}))
    .query(({ ctx, input }) => listBulk(ctx.deps, ctx.actor, input)),
  items: procedure
    .input(bulkItemsInput)
    .query(({ ctx, input }) => listBulkItems(ctx.deps, ctx.actor, input)),
  stop: procedure
    .input(bulkInput)
    .mutation(({ ctx, input }) => stopBulk(ctx.deps, ctx.actor, input.id)),
});
