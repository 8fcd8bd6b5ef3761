import { tracked } from "@trpc/server";
import { z } from "zod";
import { procedure, router } from "#server/trpc/init.ts";
import { getRunWaits } from "#server/usecases/queue/read.ts";
import { cancelRun, cancelTask } from "#server/usecases/runs/cancel.ts";
import { compareRuns } from "#server/usecases/runs/compare.ts";
import { createRun } from "#server/usecases/runs/create.ts";
import { getChanges, getDraft } from "#server/usecases/runs/draft.ts";
import {
  cancelInput,
  changesInput,
  compareInput,
  createRunInput,
  draftInput,
  itemsInput,
  listRunsInput,
  logInput,
  rerunInput,
  rerunPlanInput,
  runFilter,
  runId,
  searchLogInput,
  taskId,
  taskRef,
} from "#server/usecases/runs/inputs.ts";
import { getTaskIo } from "#server/usecases/runs/io.ts";
import { watchRun, watchRuns } from "#server/usecases/runs/live.ts";
import { findInLog, getLog } from "#server/usecases/runs/logs.ts";
import {
  countNewRuns,
  getAttempts,
  getItems,
  getManifest,
  getRun,
  getRunEvents,
  getRunsById,
  listRuns,
} from "#server/usecases/runs/read.ts";
import { getRerunPlan, rerun } from "#server/usecases/runs/rerun.ts";

const byId = z.object({ id: runId }).strict();
const byIds = z.object({ ids: z.array(runId).max(500) }).strict();
const waitsInput = z.object({ id: runId, task: taskId.optional() }).strict();
const since = z.object({ filter: runFilter.default({}), after: runId }).strict();
/** Sent by the client after a reconnect. Everything is sent anew, so its value does not matter. */
const lastEventId = z.string().max(200).nullish();

export const runsRouter = router({
  list: procedure
    .input(listRunsInput.prefault({}))
    .query(({ ctx, input }) => listRuns(ctx.deps, ctx.actor, input)),
  newSince: procedure
    .input(since)
    .query(({ ctx, input }) => countNewRuns(ctx.deps, ctx.actor, input)),
  byIds: procedure
    .input(byIds)
    .query(({ ctx, input }) => getRunsById(ctx.deps, ctx.actor, input.ids)),
  get: procedure.input(byId).query(({ ctx, input }) => getRun(ctx.deps, ctx.actor, input.id)),
  attempts: procedure
    .input(taskRef)
    .query(({ ctx, input }) => getAttempts(ctx.deps, ctx.actor, input)),
  items: procedure
    .input(itemsInput)
    .query(({ ctx, input }) => getItems(ctx.deps, ctx.actor, input)),
  io: procedure.input(taskRef).query(({ ctx, input }) => getTaskIo(ctx.deps, ctx.actor, input)),
  waits: procedure
    .input(waitsInput)
    .query(({ ctx, input }) => getRunWaits(ctx.deps, ctx.actor, input)),
  log: procedure.input(logInput).query(({ ctx, input }) => getLog(ctx.deps, ctx.actor, input)),
  searchLog: procedure
    .input(searchLogInput)
    .query(({ ctx, input }) => findInLog(ctx.deps, ctx.actor, input)),
  manifest: procedure
    .input(byId)
    .query(({ ctx, input }) => getManifest(ctx.deps, ctx.actor, input.id)),
  events: procedure
    .input(byId)
    .query(({ ctx, input }) => getRunEvents(ctx.deps, ctx.actor, input.id)),
  draft: procedure
    .input(draftInput)
    .query(({ ctx, input }) => getDraft(ctx.deps, ctx.actor, input)),
  changes: procedure
    .input(changesInput)
    .query(({ ctx, input }) => getChanges(ctx.deps, ctx.actor, input)),
  compare: procedure
    .input(compareInput)
    .query(({ ctx, input }) => compareRuns(ctx.deps, ctx.actor, input)),
  create: procedure
    .input(createRunInput)
    .mutation(({ ctx, input }) => createRun(ctx.deps, ctx.actor, input)),
  rerunPlan: procedure
    .input(rerunPlanInput)
    .query(({ ctx, input }) => getRerunPlan(ctx.deps, ctx.actor, input)),
  rerun: procedure
    .input(rerunInput)
    .mutation(({ ctx, input }) => rerun(ctx.deps, ctx.actor, input)),
  cancel: procedure
    .input(cancelInput)
    .mutation(({ ctx, input }) => cancelRun(ctx.deps, ctx.actor, input)),
  cancelTask: procedure
    .input(taskRef)
    .mutation(({ ctx, input }) => cancelTask(ctx.deps, ctx.actor, input)),
  watch: procedure
    .input(z.object({ id: runId, lastEventId }).strict())
    .subscription(async function* ({ ctx, input, signal }) {
      const stop = signal ?? new AbortController().signal;
      for await (const delta of watchRun(ctx.deps, ctx.actor, input.id, stop)) {
        yield tracked(delta.version, delta);
      }
    }),
  watchAll: procedure
    .input(z.object({ lastEventId }).strict().prefault({}))
    .subscription(async function* ({ ctx, signal }) {
      const stop = signal ?? new AbortController().signal;
      let number = 0;
      for await (const change of watchRuns(ctx.deps.live, ctx.actor, stop)) {
        yield tracked(String(++number), change);
      }
    }),
});
