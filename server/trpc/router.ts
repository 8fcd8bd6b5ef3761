import { getOverview } from "#server/usecases/overview.ts";
import { createCallerFactory, procedure, router } from "./init.ts";
import { backfillsRouter } from "./routers/backfills.ts";
import { bulkRouter } from "./routers/bulk.ts";
import { flowsRouter } from "./routers/flows.ts";
import { inboxRouter, notifyRouter } from "./routers/notify.ts";
import { poolsRouter, queueRouter, runnersRouter } from "./routers/queue.ts";
import { runsRouter } from "./routers/runs.ts";
import { schedulesRouter } from "./routers/schedules.ts";

export const appRouter = router({
  overview: router({
    get: procedure.query(({ ctx }) => getOverview(ctx.deps, ctx.actor)),
  }),
  flows: flowsRouter,
  runs: runsRouter,
  bulk: bulkRouter,
  schedules: schedulesRouter,
  backfills: backfillsRouter,
  inbox: inboxRouter,
  notify: notifyRouter,
  queue: queueRouter,
  pools: poolsRouter,
  runners: runnersRouter,
});

export type AppRouter = typeof appRouter;

export const createCaller = createCallerFactory(appRouter);
