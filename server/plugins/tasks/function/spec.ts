import { z } from "zod";
import { filledText } from "#server/core/flow/read/task-fields.ts";
import type { TaskTypeSpec } from "#server/core/flow/task-type.ts";

export const functionSpec: TaskTypeSpec = {
  type: "function",
  title: "Function",
  description: "Calls a function of a flow that is written in TypeScript.",
  icon: "braces",
  params: z.strictObject({
    handler: filledText.describe(
      "The task in the bundle whose function is called; see sdk/protocol.ts.",
    ),
  }),
  verbatim: ["handler"],
  writes: "none",
  typescriptOnly: true,
};
