import { z } from "zod";
import { flowId, idempotencyKey } from "#server/usecases/runs/inputs.ts";

/** Shapes of what people and programs may ask of schedules. */

const key = z.string().regex(/^[1-9][0-9]{0,8}$/, "A schedule is named by a whole number.");

export const scheduleInput = z.object({ flow: flowId, key }).strict();
export type ScheduleInput = z.infer<typeof scheduleInput>;

export const scheduleListInput = z
  .object({
    flow: flowId.optional(),
    q: z.string().trim().min(1).max(200).optional(),
    cursor: z
      .string()
      .regex(/^[^:]{1,128}:[0-9]{1,9}$/)
      .nullish(),
    limit: z.int().min(1).max(200).default(100),
  })
  .strict();
export type ScheduleListInput = z.infer<typeof scheduleListInput>;

export const runNowInput = z.object({ flow: flowId, key, idempotencyKey }).strict();
export type RunNowInput = z.infer<typeof runNowInput>;
