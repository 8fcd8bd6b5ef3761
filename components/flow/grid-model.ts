/** The run × task matrix apart from React. */

import type { FlowGrid } from "#server/core/flow/view.ts";
import type { TaskState } from "#server/core/run/states.ts";
import type { RunSummary } from "#server/core/run/view.ts";

export interface GridModel {
  tasks: FlowGrid["tasks"];
  /** Newest first. */
  runs: RunSummary[];
  /** State of a task in a run; null where the run's revision lacks the task. */
  state: (run: number, task: number) => TaskState | null;
}

/**
 * Joins pages of the grid, newest page first. Pages may know different tasks, since revisions differ:
 * tasks of newer pages come first and keep their order.
 */
export function joinGrid(pages: readonly FlowGrid[]): GridModel {
  const rowOf = new Map<string, number>();
  const tasks: FlowGrid["tasks"] = [];
  for (const page of pages) {
    for (const task of page.tasks) {
      if (rowOf.has(task.id)) continue;
      rowOf.set(task.id, tasks.length);
      tasks.push(task);
    }
  }
  const runs: RunSummary[] = [];
  const states: (TaskState | null)[][] = [];
  const seen = new Set<string>();
  for (const page of pages) {
    const rows = page.tasks.map((task) => rowOf.get(task.id) ?? 0);
    page.runs.forEach((run, index) => {
      // A run that began between two page reads shifts the next page by one.
      if (seen.has(run.id)) return;
      seen.add(run.id);
      const line: (TaskState | null)[] = Array.from({ length: tasks.length }, () => null);
      page.states[index]?.forEach((state, position) => {
        const row = rows[position];
        if (row !== undefined) line[row] = state;
      });
      runs.push(run);
      states.push(line);
    });
  }
  return { tasks, runs, state: (run, task) => states[run]?.[task] ?? null };
}

export interface CellAt {
  run: number;
  task: number;
}

/** Where a key moves the cursor in a grid of the given size, or null when it is not a moving key. */
export function moveCell(
  at: CellAt,
  key: string,
  size: { runs: number; tasks: number },
): CellAt | null {
  const clamp = (value: number, count: number) => Math.max(0, Math.min(count - 1, value));
  const to = (run: number, task: number): CellAt => ({
    run: clamp(run, size.runs),
    task: clamp(task, size.tasks),
  });
  switch (key) {
    case "ArrowLeft":
      return to(at.run - 1, at.task);
    case "ArrowRight":
      return to(at.run + 1, at.task);
    case "ArrowUp":
      return to(at.run, at.task - 1);
    case "ArrowDown":
      return to(at.run, at.task + 1);
    case "Home":
      return to(0, at.task);
    case "End":
      return to(size.runs - 1, at.task);
    case "PageUp":
      return to(at.run, at.task - 10);
    case "PageDown":
      return to(at.run, at.task + 10);
    default:
      return null;
  }
}
