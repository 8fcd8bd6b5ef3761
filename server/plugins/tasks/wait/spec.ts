import { z } from "zod";
import { AppError } from "#server/core/errors.ts";
import { durationField, durationOf } from "#server/core/flow/read/task-fields.ts";
import type { Json } from "#server/core/flow/spec.ts";
import type { TaskTypeSpec } from "#server/core/flow/task-type.ts";

export const waitSpec: TaskTypeSpec = {
  type: "wait",
  title: "Wait",
  description: "Lets a time pass before the next task, in a slot, as work would.",
  icon: "timer",
  params: z.strictObject({
    duration: durationField.describe("How long, such as 30s or 1h30m."),
  }),
  writes: "none",
};

/**
 * How long to wait.
 * @param settings the task's `with` after rendering
 * @returns whole milliseconds
 * @throws AppError INVALID_INPUT when a template rendered to something that is no duration
 */
export function waitMs(settings: Readonly<Record<string, Json>>): number {
  const ms = durationOf(settings.duration);
  if (ms !== null) return ms;
  throw new AppError(
    "INVALID_INPUT",
    `The duration was rendered to ${JSON.stringify(settings.duration)}, which is no duration.`,
    { fix: "Give a duration such as 30s or 1h30m." },
  );
}
