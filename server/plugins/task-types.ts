import type { TaskTypeSpec, TaskTypes } from "#server/core/flow/task-type.ts";
import { flowSpec } from "./tasks/flow/spec.ts";
import { functionSpec } from "./tasks/function/spec.ts";
import { httpSpec } from "./tasks/http/spec.ts";
import { noopSpec } from "./tasks/noop/spec.ts";
import { scriptSpec } from "./tasks/script/spec.ts";
import { shellSpec } from "./tasks/shell/spec.ts";
import { waitSpec } from "./tasks/wait/spec.ts";
import { waitForSpec } from "./tasks/wait-for/spec.ts";
import { waitUntilSpec } from "./tasks/wait-until/spec.ts";

/** Every task type that definitions may use. Pure: no effects are loaded with it. */
export const taskTypes: TaskTypes = new Map<string, TaskTypeSpec>(
  [
    noopSpec,
    waitSpec,
    waitUntilSpec,
    waitForSpec,
    flowSpec,
    shellSpec,
    scriptSpec,
    httpSpec,
    functionSpec,
  ].map((spec) => [spec.type, spec]),
);

/** Types whose tasks occupy no slot. */
export const slotlessTypes: ReadonlySet<string> = new Set(
  [...taskTypes.values()].filter((spec) => spec.slotless === true).map((spec) => spec.type),
);
