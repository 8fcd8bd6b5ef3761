import type { TaskPlugin } from "#server/plugins/sdk.ts";
import { run } from "./run.ts";
import { shellSpec } from "./spec.ts";

export const shell: TaskPlugin = { spec: shellSpec, run };
