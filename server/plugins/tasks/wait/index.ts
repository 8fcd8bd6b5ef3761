import type { TaskPlugin } from "#server/plugins/sdk.ts";
import { run } from "./run.ts";
import { waitSpec } from "./spec.ts";

export const wait: TaskPlugin = { spec: waitSpec, run };
