import type { TaskPlugin } from "#server/plugins/sdk.ts";
import { run } from "./run.ts";
import { waitForSpec } from "./spec.ts";

export const waitFor: TaskPlugin = { spec: waitForSpec, run };
