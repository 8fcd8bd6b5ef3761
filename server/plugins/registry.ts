/** The one list of task types that a runner can execute. */
import type { TaskPlugin } from "./sdk.ts";
import { flowTask } from "./tasks/flow/index.ts";
import { functionTask } from "./tasks/function/index.ts";
import { http } from "./tasks/http/index.ts";
import { noop } from "./tasks/noop/index.ts";
import { script } from "./tasks/script/index.ts";
import { shell } from "./tasks/shell/index.ts";
import { wait } from "./tasks/wait/index.ts";
import { waitFor } from "./tasks/wait-for/index.ts";
import { waitUntil } from "./tasks/wait-until/index.ts";

const plugins: ReadonlyMap<string, TaskPlugin> = new Map(
  [noop, wait, waitUntil, waitFor, flowTask, shell, script, http, functionTask].map((plugin) => [
    plugin.spec.type,
    plugin,
  ]),
);

/** Types whose tasks take no time and no slot. */
export const instantTypes: readonly string[] = [...plugins.values()]
  .filter((plugin) => "instant" in plugin)
  .map((plugin) => plugin.spec.type);

/** The plugin of a task type, or undefined when no runner of this version knows the type. */
export function taskPlugin(type: string): TaskPlugin | undefined {
  return plugins.get(type);
}
