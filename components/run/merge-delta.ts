import type { RunDelta, RunDetail, TaskRunView } from "#server/core/run/view.ts";

/**
 * A run brought up to date by what the server sent. Task runs that did not change stay the same
 * objects, so that only the others are drawn anew; an answer older than what is shown is dropped.
 * After a reconnect the server sends every task run again.
 */
export function mergeDelta(run: RunDetail, delta: RunDelta): RunDetail {
  if (delta.version < run.version) return run;
  const sent = new Map(delta.tasks.map((task) => [task.id, task]));
  let changed = false;
  const tasks = run.tasks.map((task) => {
    const next = sent.get(task.id);
    if (next === undefined || isSame(task, next)) return task;
    changed = true;
    return next;
  });
  return {
    ...run,
    ...delta.run,
    tasks: changed ? tasks : run.tasks,
    now: delta.now,
    version: delta.version,
  };
}

function isSame(a: TaskRunView, b: TaskRunView): boolean {
  const keys = Object.keys(b) as (keyof TaskRunView)[];
  return keys.length === Object.keys(a).length && keys.every((key) => a[key] === b[key]);
}
