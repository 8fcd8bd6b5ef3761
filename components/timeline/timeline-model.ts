import type { AttemptView } from "#server/core/run/attempt-view.ts";
import type { AttemptState } from "#server/core/run/states.ts";
import { isTaskEnded } from "#server/core/run/states.ts";
import type { RunDetail, TaskRunView } from "#server/core/run/view.ts";

/** A span of time in epoch milliseconds, drawn as one bar. */
export interface Bar {
  kind: "wait" | "attempt";
  /** Of an attempt; null for a wait. */
  state: AttemptState | null;
  attempt: number;
  start: number;
  /** `now` while it goes on. */
  end: number;
  open: boolean;
}

export interface TimelineRow {
  task: TaskRunView;
  name: string;
  bars: Bar[];
}

export interface Timeline {
  rows: TimelineRow[];
  start: number;
  end: number;
}

/** The stored state of an attempt that the task run's own state tells of. */
function latestState(task: TaskRunView): AttemptState {
  switch (task.state) {
    case "succeeded":
      return "succeeded";
    case "cancelled":
      return "cancelled";
    case "running":
      return "running";
    default:
      return "failed";
  }
}

/**
 * Tasks by when they started, those that have not last, with their waits and attempts.
 * @param attempts of tasks with more than one, as far as they are loaded; without them the latest
 *   attempt alone is drawn
 * @param now epoch milliseconds at the server
 */
export function timelineOf(
  run: Pick<RunDetail, "createdAt" | "tasks" | "graph">,
  attempts: ReadonlyMap<string, readonly AttemptView[]>,
  now: number,
): Timeline {
  const names = new Map(run.graph.tasks.map(({ id, name }) => [id, name ?? id]));
  const rows = run.tasks.map((task) => ({
    task,
    name: names.get(task.id) ?? task.id,
    bars: barsOf(task, attempts.get(task.id) ?? [], now),
  }));
  const first = (row: TimelineRow) => row.bars[0]?.start ?? Infinity;
  rows.sort((a, b) => first(a) - first(b) || a.task.ordinal - b.task.ordinal);
  const start = Date.parse(run.createdAt);
  let end = start;
  for (const row of rows) for (const bar of row.bars) end = Math.max(end, bar.end);
  return { rows, start, end: Math.max(end, start + 1) };
}

function barsOf(task: TaskRunView, attempts: readonly AttemptView[], now: number): Bar[] {
  if (task.state === "reused") return [];
  const bars: Bar[] = [];
  let since = task.readyAt === null ? null : Date.parse(task.readyAt);
  const wait = (until: number, attempt: number, open: boolean) => {
    // The moment of being ready is rewritten at each new try: a wait never runs backwards.
    if (since === null || until <= since) return;
    bars.push({ kind: "wait", state: null, attempt, start: since, end: until, open });
  };
  const known = attempts.filter(({ attempt }) => attempt < task.attempt);
  for (const { attempt, state, startedAt, finishedAt } of known) {
    const start = Date.parse(startedAt);
    wait(start, attempt, false);
    const end = finishedAt === null ? now : Date.parse(finishedAt);
    bars.push({ kind: "attempt", state, attempt, start, end, open: finishedAt === null });
    since = end;
  }
  if (task.startedAt !== null) {
    const stored = attempts.find(({ attempt }) => attempt === task.attempt);
    const start = Date.parse(task.startedAt);
    wait(start, task.attempt, false);
    const open = task.state === "running";
    const finished = stored?.finishedAt ?? task.finishedAt;
    const end = open || finished === null ? now : Date.parse(finished);
    const state = open ? "running" : (stored?.state ?? latestState(task));
    bars.push({ kind: "attempt", state, attempt: task.attempt, start, end, open });
    since = end;
  }
  if (!isTaskEnded(task.state) && task.state !== "running" && task.state !== "waiting") {
    wait(now, task.attempt + 1, true);
  }
  return bars.sort((a, b) => a.start - b.start);
}
