import type { TaskPlugin } from "#server/plugins/sdk.ts";
import { noopSpec } from "./spec.ts";

export const noop: TaskPlugin = { spec: noopSpec, instant: true };
