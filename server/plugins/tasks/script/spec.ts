import { z } from "zod";
import { filledText } from "#server/core/flow/read/task-fields.ts";
import type { TaskTypeSpec } from "#server/core/flow/task-type.ts";

export const scriptLanguages = ["bash", "python", "node"] as const;
export type ScriptLanguage = (typeof scriptLanguages)[number];

export const scriptSpec: TaskTypeSpec = {
  type: "script",
  title: "Script",
  description: "Runs a program written in the flow itself, in bash, Python or Node.js.",
  icon: "file-code",
  params: z.strictObject({
    language: z.enum(scriptLanguages).describe("What the code is written in."),
    code: filledText.describe("The program; values come in best through env."),
  }),
  writes: "none",
};
