import type { TaskPlugin } from "#server/plugins/sdk.ts";
import { run } from "./run.ts";
import { flowSpec } from "./spec.ts";

export const flowTask: TaskPlugin = { spec: flowSpec, run };
