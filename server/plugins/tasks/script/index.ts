import type { TaskPlugin } from "#server/plugins/sdk.ts";
import { run } from "./run.ts";
import { scriptSpec } from "./spec.ts";

export const script: TaskPlugin = { spec: scriptSpec, run };
