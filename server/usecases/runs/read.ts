import { type Actor, authorise } from "#server/auth/actor.ts";
import { AppError } from "#server/core/errors.ts";
import { canonicalJson, sha256Hex } from "#server/core/flow/canonical.ts";
import { graphView } from "#server/core/flow/graph/graph-view.ts";
import type { AttemptView } from "#server/core/run/attempt-view.ts";
import { shownManifest } from "#server/core/run/compare.ts";
import { noSuchRun } from "#server/core/run/refusals.ts";
import type {
  ItemView,
  ManifestView,
  RunDetail,
  RunEventView,
  RunFilter,
  RunList,
  RunSummary,
} from "#server/core/run/view.ts";
import { readNow } from "#server/db/clock.ts";
import { listCalledRuns } from "#server/db/run/calls.ts";
import { findItem, listItems } from "#server/db/run/fan-out.ts";
import {
  findRunExtra,
  listAttempts,
  listReruns,
  listRunEvents,
  listTaskRuns,
} from "#server/db/run/run-detail.ts";
import { countRunsSince, findRuns, listRuns as selectRuns } from "#server/db/run/run-views.ts";
import { findRunSource } from "#server/db/run/runs.ts";
import { iso } from "#server/db/sql.ts";
import type { Deps } from "#server/usecases/deps.ts";
import type { ItemsInput, ListRunsInput, TaskRef } from "./inputs.ts";

export async function listRuns(deps: Deps, actor: Actor, input: ListRunsInput): Promise<RunList> {
  authorise(actor, "run:read");
  const [rows, now] = await Promise.all([
    selectRuns(deps.pool, input.filter, input.cursor ?? null, input.limit + 1),
    readNow(deps.pool),
  ]);
  const items = rows.slice(0, input.limit);
  return {
    items,
    next: rows.length > input.limit ? (items.at(-1)?.id ?? null) : null,
    now: now.toISOString(),
  };
}

/** How many matching runs have come since a list was read, counted up to 100. */
export async function countNewRuns(
  deps: Deps,
  actor: Actor,
  input: { filter: RunFilter; after: string },
): Promise<{ count: number }> {
  authorise(actor, "run:read");
  return { count: await countRunsSince(deps.pool, input.filter, input.after, 100) };
}

export async function getRunsById(
  deps: Deps,
  actor: Actor,
  ids: readonly string[],
): Promise<RunSummary[]> {
  authorise(actor, "run:read");
  return findRuns(deps.pool, ids);
}

/** @throws AppError NOT_FOUND */
export async function getRun(deps: Deps, actor: Actor, id: string): Promise<RunDetail> {
  authorise(actor, "run:read");
  // One after the other: at once, they would take the processor from the tasks of a run just started.
  const [summary] = await findRuns(deps.pool, [id]);
  const extra = await findRunExtra(deps.pool, id);
  if (summary === undefined || extra === null) return noSuchRun(id);
  const tasks = await listTaskRuns(deps.pool, id);
  const reruns = await listReruns(deps.pool, id);
  const calls = await listCalledRuns(deps.pool, id);
  const now = extra.now.toISOString();
  return {
    ...summary,
    revisionId: extra.revisionId,
    revisionHash: extra.revisionHash,
    sourceFormat: extra.sourceFormat,
    certificate: extra.certificate,
    reason: extra.reason,
    cancelRequestedAt: iso(extra.cancelRequestedAt),
    schedule:
      extra.scheduleKey === null ? null : { key: extra.scheduleKey, tick: iso(extra.tickAt) },
    held: extra.held,
    changedFrom: extra.changedFrom,
    caller: extra.caller,
    calls,
    reruns,
    tasks,
    graph: graphView(
      extra.spec,
      tasks.map((task) => task.id),
    ),
    now,
    version: now,
  };
}

/** Attempts of a task in this run. Those of a reused task stand with the run that executed it. */
export async function getAttempts(
  deps: Deps,
  actor: Actor,
  input: TaskRef,
): Promise<AttemptView[]> {
  authorise(actor, "run:read");
  const place = await locateTask(deps, input);
  return listAttempts(deps.pool, place.run, place.ordinal);
}

export interface TaskPlace {
  /** Where the task really executed: the run itself, or the one it was reused from. */
  run: string;
  ordinal: number;
}

/** @throws AppError NOT_FOUND when the run or the task is not there */
export async function locateTask(
  deps: Deps,
  ref: Pick<TaskRef, "id" | "task" | "item">,
): Promise<TaskPlace> {
  const [task] = await listTaskRuns(deps.pool, ref.id, [ref.task]);
  if (task === undefined) {
    throw new AppError("NOT_FOUND", `There is no task "${ref.task}" in a run ${ref.id}.`, {
      fix: "Look at the tasks of the run.",
    });
  }
  const run = task.reusedFrom ?? ref.id;
  if (ref.item === undefined) return { run, ordinal: task.ordinal };
  const place = await findItem(deps.pool, run, task.ordinal, ref.item);
  if (place !== null) return place;
  throw new AppError("NOT_FOUND", `The task "${ref.task}" has no task run number ${ref.item}.`, {
    fix: "Look at the task runs of the task.",
  });
}

/** The task runs of a task that is executed over a list, in the order of the list. */
export async function getItems(
  deps: Deps,
  actor: Actor,
  input: ItemsInput,
): Promise<{ items: ItemView[]; next: number | null }> {
  authorise(actor, "run:read");
  const place = await locateTask(deps, { id: input.id, task: input.task });
  const rows = await listItems(deps.pool, place.run, place.ordinal, {
    from: input.cursor ?? 0,
    limit: input.limit + 1,
    states: input.states ?? null,
  });
  return {
    items: rows.slice(0, input.limit).map(({ ordinal: _, ...item }) => item),
    next: rows[input.limit]?.item ?? null,
  };
}

/** The manifest as stored, its hash computed anew, and who else has the same identity. */
export async function getManifest(deps: Deps, actor: Actor, id: string): Promise<ManifestView> {
  authorise(actor, "run:read");
  const source = (await findRunSource(deps.pool, id)) ?? noSuchRun(id);
  const twins = await selectRuns(deps.pool, { identity: source.identity }, null, 20);
  const text = source.schemas === null ? source.manifestText : canonicalJson(shownManifest(source));
  return {
    text,
    hidden: text !== source.manifestText,
    identity: source.identity,
    recomputed: sha256Hex(source.manifestText),
    runsWithSameIdentity: twins.map(({ id: twin, state, createdAt }) => ({
      id: twin,
      state,
      createdAt,
    })),
  };
}

export async function getRunEvents(deps: Deps, actor: Actor, id: string): Promise<RunEventView[]> {
  authorise(actor, "run:read");
  return listRunEvents(deps.pool, id);
}
