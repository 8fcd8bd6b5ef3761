import type { TaskPlugin } from "#server/plugins/sdk.ts";
import { run } from "./run.ts";
import { waitUntilSpec } from "./spec.ts";

export const waitUntil: TaskPlugin = { spec: waitUntilSpec, run };
