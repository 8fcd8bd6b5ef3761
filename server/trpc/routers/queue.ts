import { procedure, router } from "#server/trpc/init.ts";
import { setPool } from "#server/usecases/queue/control.ts";
import { poolInput } from "#server/usecases/queue/inputs.ts";
import { getQueue, listPools } from "#server/usecases/queue/read.ts";
import { drain, resume, setSlots } from "#server/usecases/runners/control.ts";
import { runnerInput, runnerSlotsInput } from "#server/usecases/runners/inputs.ts";
import { listRunners } from "#server/usecases/runners/read.ts";

export const queueRouter = router({
  get: procedure.query(({ ctx }) => getQueue(ctx.deps, ctx.actor)),
});

export const poolsRouter = router({
  list: procedure.query(({ ctx }) => listPools(ctx.deps, ctx.actor)),
  set: procedure.input(poolInput).mutation(({ ctx, input }) => setPool(ctx.deps, ctx.actor, input)),
});

export const runnersRouter = router({
  list: procedure.query(({ ctx }) => listRunners(ctx.deps, ctx.actor)),
  drain: procedure
    .input(runnerInput)
    .mutation(({ ctx, input }) => drain(ctx.deps, ctx.actor, input)),
  resume: procedure
    .input(runnerInput)
    .mutation(({ ctx, input }) => resume(ctx.deps, ctx.actor, input)),
  setSlots: procedure
    .input(runnerSlotsInput)
    .mutation(({ ctx, input }) => setSlots(ctx.deps, ctx.actor, input)),
});
