import type { RunDetail } from "#server/core/run/view.ts";

/** What people call a task: its name where the flow gives one, else its id. */
export function taskName({ tasks }: Pick<RunDetail["graph"], "tasks">, id: string): string {
  return tasks.find((task) => task.id === id)?.name ?? id;
}
