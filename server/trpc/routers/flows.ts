import { z } from "zod";
import { procedure, router } from "#server/trpc/init.ts";
import { getRetryAdvice } from "#server/usecases/flows/advise.ts";
import { getSizeAdvice } from "#server/usecases/flows/advise-size.ts";
import { getCalendar } from "#server/usecases/flows/calendar.ts";
import {
  calendarInput,
  definitionInput,
  diffInput,
  flowListInput,
  gridInput,
  revisionInput,
  revisionListInput,
  wfcommonsInput,
} from "#server/usecases/flows/inputs.ts";
import { importWfcommons, pushFlow, validateFlow } from "#server/usecases/flows/push.ts";
import {
  diffRevisions,
  getFlow,
  getGrid,
  getRevision,
  listFlows,
  listRevisions,
} from "#server/usecases/flows/read.ts";
import { flowId } from "#server/usecases/runs/inputs.ts";

const byId = z.object({ id: flowId }).strict();

export const flowsRouter = router({
  list: procedure
    .input(flowListInput.prefault({}))
    .query(({ ctx, input }) => listFlows(ctx.deps, ctx.actor, input)),
  get: procedure.input(byId).query(({ ctx, input }) => getFlow(ctx.deps, ctx.actor, input.id)),
  revisions: procedure
    .input(revisionListInput)
    .query(({ ctx, input }) => listRevisions(ctx.deps, ctx.actor, input)),
  revision: procedure
    .input(revisionInput)
    .query(({ ctx, input }) => getRevision(ctx.deps, ctx.actor, input)),
  diff: procedure
    .input(diffInput)
    .query(({ ctx, input }) => diffRevisions(ctx.deps, ctx.actor, input)),
  grid: procedure.input(gridInput).query(({ ctx, input }) => getGrid(ctx.deps, ctx.actor, input)),
  calendar: procedure
    .input(calendarInput)
    .query(({ ctx, input }) => getCalendar(ctx.deps, ctx.actor, input)),
  retryAdvice: procedure
    .input(byId)
    .query(({ ctx, input }) => getRetryAdvice(ctx.deps, ctx.actor, input)),
  sizeAdvice: procedure
    .input(byId)
    .query(({ ctx, input }) => getSizeAdvice(ctx.deps, ctx.actor, input)),
  validate: procedure
    .input(definitionInput)
    .mutation(({ ctx, input }) => validateFlow(ctx.deps, ctx.actor, input)),
  push: procedure
    .input(definitionInput)
    .mutation(({ ctx, input }) => pushFlow(ctx.deps, ctx.actor, input)),
  importWfcommons: procedure
    .input(wfcommonsInput)
    .mutation(({ ctx, input }) => importWfcommons(ctx.deps, ctx.actor, input)),
});
