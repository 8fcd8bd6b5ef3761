import type { TaskPlugin } from "#server/plugins/sdk.ts";
import { run } from "./run.ts";
import { httpSpec } from "./spec.ts";

export const http: TaskPlugin = { spec: httpSpec, run };
