import { tracked } from "@trpc/server";
import { procedure, router } from "#server/trpc/init.ts";
import {
  cancelBackfill,
  pauseBackfill,
  resumeBackfill,
  retryFailed,
  setBackfillConcurrency,
} from "#server/usecases/backfills/control.ts";
import { getBackfillDraft } from "#server/usecases/backfills/draft.ts";
import {
  backfillDraftInput,
  backfillInput,
  backfillListInput,
  backfillPlanInput,
  backfillRowsInput,
  backfillStartInput,
  cancelBackfillInput,
  concurrencyInput,
  retryFailedInput,
  watchBackfillInput,
} from "#server/usecases/backfills/inputs.ts";
import { watchBackfill } from "#server/usecases/backfills/live.ts";
import { planBackfill } from "#server/usecases/backfills/plan.ts";
import {
  getBackfill,
  getBackfillCells,
  listBackfillIntervals,
  listBackfills,
} from "#server/usecases/backfills/read.ts";
import { startBackfill } from "#server/usecases/backfills/start.ts";

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
  draft: procedure
    .input(backfillDraftInput)
    .query(({ ctx, input }) => getBackfillDraft(ctx.deps, ctx.actor, input)),
  plan: procedure
    .input(backfillPlanInput)
    .mutation(({ ctx, input }) => planBackfill(ctx.deps, ctx.actor, input)),
  start: procedure
    .input(backfillStartInput)
    .mutation(({ ctx, input }) => startBackfill(ctx.deps, ctx.actor, input)),
  pause: procedure
    .input(backfillInput)
    .mutation(({ ctx, input }) => pauseBackfill(ctx.deps, ctx.actor, input)),
  resume: procedure
    .input(backfillInput)
    .mutation(({ ctx, input }) => resumeBackfill(ctx.deps, ctx.actor, input)),
  setConcurrency: procedure
    .input(concurrencyInput)
    .mutation(({ ctx, input }) => setBackfillConcurrency(ctx.deps, ctx.actor, input)),
  cancel: procedure
    .input(cancelBackfillInput)
    .mutation(({ ctx, input }) => cancelBackfill(ctx.deps, ctx.actor, input)),
  retryFailed: procedure
    .input(retryFailedInput)
    .mutation(({ ctx, input }) => retryFailed(ctx.deps, ctx.actor, input)),
  watch: procedure.input(watchBackfillInput).subscription(async function* ({ ctx, input, signal }) {
    const stop = signal ?? new AbortController().signal;
    // After a reconnect the client's last event is newer than the version that it began with.
    const since = input.lastEventId ?? input.version ?? "0";
    for await (const delta of watchBackfill(ctx.deps, ctx.actor, { id: input.id, since }, stop)) {
      yield tracked(delta.version, delta);
    }
  }),
});
