import { z } from "zod";
import type { TaskTypeSpec } from "#server/core/flow/task-type.ts";

export const noopSpec: TaskTypeSpec = {
  type: "noop",
  title: "No operation",
  description: "Does nothing: joins other tasks, or stands for work that is done elsewhere.",
  icon: "circle-dashed",
  params: z.strictObject({}),
  writes: "none",
};
