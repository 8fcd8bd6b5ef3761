import { procedure, router } from "#server/trpc/init.ts";
import {
  backfillInput,
  backfillListInput,
  backfillPlanInput,
  backfillRowsInput,
} from "#server/usecases/backfills/inputs.ts";
import { planBackfill } from "#server/usecases/backfills/plan.ts";
import {
  getBackfill,
  getBackfillCells,
  listBackfillIntervals,
  listBackfills,
} from "#server/usecases/backfills/read.ts";

export const backfillsRouter = router({
  list: procedure
    .input(backfillListInput.prefault({}))
    .query(({ ctx, input }) => listBackfills(ctx.deps, ctx.actor, input)),
  get: procedure
    .input(backfillInput)
    .query(({ ctx, input }) => getBackfill(ctx.deps, ctx.actor, input)),
  cells: procedure
    .input(backfillInput)
    .query(({ ctx, input }) => getBackfillCells(ctx.deps, ctx.actor, input)),
  intervals: procedure
    .input(backfillRowsInput)
    .query(({ ctx, input }) => listBackfillIntervals(ctx.deps, ctx.actor, input)),
  plan: procedure
    .input(backfillPlanInput)
    .mutation(({ ctx, input }) => planBackfill(ctx.deps, ctx.actor, input)),
});
