import { z } from "zod";
import { filledText } from "#server/core/flow/task-fields.ts";
import type { TaskTypeSpec } from "#server/core/flow/task-type.ts";

/** `with` of a function task. */
export interface FunctionSettings {
  /** Id of the task in the default export of the bundle; see sdk/protocol.ts. */
  handler: string;
}

export const functionSpec: TaskTypeSpec = {
  type: "function",
  title: "Function",
  description: "Calls a function of a flow that is written in TypeScript.",
  icon: "braces",
  params: z.strictObject({
    handler: filledText.describe("The task whose function is called."),
  }),
  verbatim: ["handler"],
  writes: "none",
  typescriptOnly: true,
};
