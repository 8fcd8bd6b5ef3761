import type { TaskTypeSpec, TaskTypes } from "#server/core/flow/task-type.ts";
import { functionSpec } from "./tasks/function/spec.ts";
import { httpSpec } from "./tasks/http/spec.ts";
import { noopSpec } from "./tasks/noop/spec.ts";
import { scriptSpec } from "./tasks/script/spec.ts";
import { shellSpec } from "./tasks/shell/spec.ts";
import { waitSpec } from "./tasks/wait/spec.ts";

/** Every task type that definitions may use. Pure: no effects are loaded with it. */
export const taskTypes: TaskTypes = new Map<string, TaskTypeSpec>(
  [noopSpec, waitSpec, shellSpec, scriptSpec, httpSpec, functionSpec].map((spec) => [
    spec.type,
    spec,
  ]),
);
