import { type Actor, authorise } from "#server/auth/actor.ts";
import { diffJson } from "#server/core/flow/diff.ts";
import type { FlowSpec, Json } from "#server/core/flow/spec.ts";
import { compareManifests, compareTasks, type RunComparison } from "#server/core/run/compare.ts";
import { noSuchRun } from "#server/core/run/refusals.ts";
import { findRunExtra, listTaskRuns } from "#server/db/run/run-detail.ts";
import { findRuns } from "#server/db/run/run-views.ts";
import { findRunSource } from "#server/db/run/runs.ts";
import type { Deps } from "#server/usecases/deps.ts";
import type { CompareInput } from "./inputs.ts";

/**
 * Sets two runs side by side: parameters and everything else in their manifests, their revisions,
 * and task by task how they went. The runs may be of different flows.
 * @throws AppError NOT_FOUND
 */
export async function compareRuns(
  deps: Deps,
  actor: Actor,
  input: CompareInput,
): Promise<RunComparison> {
  authorise(actor, "run:read");
  const summaries = await findRuns(deps.pool, [input.a, input.b]);
  const summaryOf = (id: string) => summaries.find((run) => run.id === id) ?? noSuchRun(id);
  const [a, b] = [summaryOf(input.a), summaryOf(input.b)];
  const [left, right] = await Promise.all([partsOf(deps, a.id), partsOf(deps, b.id)]);
  const nameOf = (task: string) =>
    right.spec.tasks[task]?.name ?? left.spec.tasks[task]?.name ?? null;
  return {
    a,
    b,
    manifest: compareManifests(left.source, right.source),
    revision: a.flow === b.flow ? diffJson(json(left.spec), json(right.spec)) : null,
    tasks: compareTasks(left.tasks, right.tasks, nameOf),
  };
}

const json = (spec: FlowSpec) => spec as unknown as Json;

async function partsOf(deps: Deps, id: string) {
  const [source, extra, tasks] = await Promise.all([
    findRunSource(deps.pool, id),
    findRunExtra(deps.pool, id),
    listTaskRuns(deps.pool, id),
  ]);
  if (source === null || extra === null) return noSuchRun(id);
  return { source, spec: extra.spec, tasks };
}
