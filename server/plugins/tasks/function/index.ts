import type { TaskPlugin } from "#server/plugins/sdk.ts";
import { run } from "./run.ts";
import { functionSpec } from "./spec.ts";

export const functionTask: TaskPlugin = { spec: functionSpec, run };
