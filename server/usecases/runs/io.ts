import { type Actor, authorise } from "#server/auth/actor.ts";
import { AppError } from "#server/core/errors.ts";
import { hideWriteOnly } from "#server/core/flow/params/write-only.ts";
import type { Json, TaskSpec, Writes } from "#server/core/flow/spec.ts";
import {
  type EachScope,
  renderWith,
  type TemplateScope,
} from "#server/core/flow/template/template.ts";
import type { TaskIoView } from "#server/core/run/attempt-view.ts";
import { countTaskRuns, eachOf, listOf } from "#server/core/run/fan-out.ts";
import { noSuchRun } from "#server/core/run/refusals.ts";
import type { TaskRunView } from "#server/core/run/view.ts";
import { findRevision } from "#server/db/flow/revisions.ts";
import { readItemOutput } from "#server/db/run/fan-out.ts";
import { listTaskRuns, readOutputs } from "#server/db/run/run-detail.ts";
import { findRunSource, type RunSourceRow } from "#server/db/run/runs.ts";
import { intervalOf } from "#server/db/sql.ts";
import { taskTypes } from "#server/plugins/task-types.ts";
import type { Deps } from "../deps.ts";
import { requireRevision } from "../flows/require.ts";
import { getRunWaits } from "../queue/read.ts";
import type { TaskRef } from "./inputs.ts";

/**
 * What went into a task and what came out of it, and, while it has not started, why it waits.
 * @throws AppError NOT_FOUND
 */
export async function getTaskIo(deps: Deps, actor: Actor, ref: TaskRef): Promise<TaskIoView> {
  authorise(actor, "run:read");
  const source = (await findRunSource(deps.pool, ref.id)) ?? noSuchRun(ref.id);
  const revision = requireRevision(
    await findRevision(deps.pool, source.flowId, source.revisionNumber),
    source.flowId,
    source.revisionNumber,
  );
  const tasks = await listTaskRuns(deps.pool, ref.id);
  const task = tasks.find(({ id }) => id === ref.task);
  const spec = revision.spec.tasks[ref.task];
  if (task === undefined || spec === undefined) {
    throw new AppError("NOT_FOUND", `There is no task "${ref.task}" in a run ${ref.id}.`, {
      fix: "Look at the tasks of the run.",
    });
  }
  const outputs = await outputsById(deps, ref.id, relevant(task, spec, tasks));
  const scope = scopeOf(source, outputs);
  const each = ref.item === undefined ? null : eachIn(spec, scope, ref.item);
  const tried = task.attempt > 0 || task.reusedFrom !== null || each !== null;
  return {
    task: task.id,
    type: spec.type,
    with: spec.with,
    env: spec.env,
    writes: spec.writes,
    rendered: tried ? render(spec, each === null ? scope : { ...scope, each }) : null,
    inputs: spec.needs
      .filter((need) => outputs.has(need))
      .map((need) => ({ task: need, output: outputs.get(need) ?? null })),
    each:
      each === null
        ? null
        : {
            index: each.index,
            value: "items" in each ? each.items : each.item,
            output: await readItemOutput(deps.pool, ref.id, task.ordinal, each.index),
          },
    output: outputs.get(task.id) ?? null,
    outputFrom: task.reusedFrom,
    waits: (await getRunWaits(deps, actor, ref)).tasks[0]?.waits ?? [],
  };
}

/** The task itself, its needs, and whatever its settings may mention by name. */
function relevant(task: TaskRunView, spec: TaskSpec, tasks: readonly TaskRunView[]): TaskRunView[] {
  const text = JSON.stringify([spec.with, spec.env, spec.writes, spec.forEach]);
  const needs = new Set(spec.needs);
  return tasks.filter(({ id }) => id === task.id || needs.has(id) || text.includes(id));
}

async function outputsById(
  deps: Deps,
  runId: string,
  tasks: readonly TaskRunView[],
): Promise<Map<string, Json>> {
  const ended = tasks.filter((task) => task.state === "succeeded" || task.state === "reused");
  const outputs = await readOutputs(
    deps.pool,
    runId,
    ended.map((task) => task.ordinal),
  );
  return new Map(
    ended
      .filter((task) => outputs.has(task.ordinal))
      .map((task) => [task.id, outputs.get(task.ordinal) ?? null]),
  );
}

/** What templates of the run can read. */
function scopeOf(source: RunSourceRow, outputs: ReadonlyMap<string, Json>): TemplateScope {
  return {
    params: hideWriteOnly(source.schemas, source.params),
    interval: intervalOf(source.intervalStart, source.intervalEnd),
    timezone: source.timezone,
    run: { identity: source.identity },
    flow: { id: source.flowId },
    tasks: Object.fromEntries([...outputs].map(([id, output]) => [id, { output }])),
  };
}

/** What the task run at a place of the list works on; null without a list or such a place. */
function eachIn({ forEach }: TaskSpec, scope: TemplateScope, index: number): EachScope | null {
  if (forEach === undefined) return null;
  try {
    const list = listOf(forEach, scope);
    const isThere = index < countTaskRuns(list.length, forEach.batch);
    return isThere ? eachOf(list, index, forEach.batch) : null;
  } catch (error) {
    // There is no list, or none yet: the task is shown as it is written.
    if (error instanceof AppError) return null;
    throw error;
  }
}

/** What a task was given, as the attempt saw it, or null when a template in it fails. */
function render(spec: TaskSpec, scope: TemplateScope): TaskIoView["rendered"] {
  try {
    return {
      with: renderWith(spec.with, scope, taskTypes.get(spec.type)?.verbatim) as TaskSpec["with"],
      env: renderWith(spec.env, scope) as TaskSpec["env"],
      writes: renderWith({ ...spec.writes }, scope) as unknown as Writes,
    };
  } catch (error) {
    // The attempt failed for the same reason and says so; here everything is shown as it is written.
    if (error instanceof AppError) return null;
    throw error;
  }
}
