import { procedure, router } from "#server/trpc/init.ts";
import {
  pauseSchedule,
  resumeSchedule,
  runScheduleNow,
} from "#server/usecases/schedules/control.ts";
import {
  runNowInput,
  scheduleInput,
  scheduleListInput,
} from "#server/usecases/schedules/inputs.ts";
import { getSchedule, listSchedules } from "#server/usecases/schedules/read.ts";

export const schedulesRouter = router({
  list: procedure
    .input(scheduleListInput.prefault({}))
    .query(({ ctx, input }) => listSchedules(ctx.deps, ctx.actor, input)),
  get: procedure
    .input(scheduleInput)
    .query(({ ctx, input }) => getSchedule(ctx.deps, ctx.actor, input)),
  pause: procedure
    .input(scheduleInput)
    .mutation(({ ctx, input }) => pauseSchedule(ctx.deps, ctx.actor, input)),
  resume: procedure
    .input(scheduleInput)
    .mutation(({ ctx, input }) => resumeSchedule(ctx.deps, ctx.actor, input)),
  runNow: procedure
    .input(runNowInput)
    .mutation(({ ctx, input }) => runScheduleNow(ctx.deps, ctx.actor, input)),
});
