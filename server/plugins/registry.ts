/** The one list of task types that a runner can execute. */
import type { RunTask } from "./sdk.ts";

/** How a task type is executed. An `instant` one succeeds without doing, and costing, anything. */
export type TaskPlugin = { run: RunTask } | { instant: true };

const plugins: ReadonlyMap<string, TaskPlugin> = new Map<string, TaskPlugin>([
  ["noop", { instant: true }],
]);

/** The plugin of a task type, or undefined when no runner of this version knows the type. */
export function taskPlugin(type: string): TaskPlugin | undefined {
  return plugins.get(type);
}
