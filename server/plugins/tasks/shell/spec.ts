import { z } from "zod";
import { filledText } from "#server/core/flow/read/task-fields.ts";
import type { TaskTypeSpec } from "#server/core/flow/task-type.ts";

export const shellSpec: TaskTypeSpec = {
  type: "shell",
  title: "Shell",
  description: "Runs a command line or a few lines with the POSIX shell.",
  icon: "terminal",
  params: z.strictObject({
    run: filledText.describe("Commands for /bin/sh; the task fails when the last one does."),
  }),
  writes: "none",
};
