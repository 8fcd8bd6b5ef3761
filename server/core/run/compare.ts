/** Two runs side by side: what determined them, and how their tasks went. */
import { diffJson } from "#server/core/flow/diff.ts";
import { hideWriteOnly, type ParamSchemas } from "#server/core/flow/params/write-only.ts";
import type { Json } from "#server/core/flow/spec.ts";
import type { SpecChange } from "../flow/view.ts";
import type { TaskState } from "./states.ts";
import type { RunSummary } from "./view.ts";

/** One of the two; durations of its task runs in whole milliseconds. */
export interface ComparedSide {
  state: TaskState;
  attempt: number;
  /** Null for a task that has not ended or was not executed in this run. */
  durationMs: number | null;
}

export interface ComparedTask {
  id: string;
  name: string | null;
  type: string;
  /** Null when the run's revision has no such task. */
  a: ComparedSide | null;
  b: ComparedSide | null;
  /** How much longer `b` took than `a`; null unless both were executed. */
  differenceMs: number | null;
}

export interface RunComparison {
  a: RunSummary;
  b: RunSummary;
  /** Differences of the two manifests; empty exactly when the identities are equal. */
  manifest: SpecChange[];
  /** Differences of the two revisions' canonical specs; null when the runs are of different flows. */
  revision: SpecChange[] | null;
  tasks: ComparedTask[];
}

/** What is needed of a task run. Times are ISO 8601. */
export interface TaskOfRun {
  id: string;
  type: string;
  state: TaskState;
  attempt: number;
  startedAt: string | null;
  finishedAt: string | null;
}

/** A stored manifest, and the schemas of its parameters when one of them hides values. */
export interface ManifestSource {
  manifestText: string;
  schemas: ParamSchemas | null;
}

/** A manifest as it may be shown: what its parameters hide is hidden. */
export function shownManifest({ manifestText, schemas }: ManifestSource): Json {
  const manifest = JSON.parse(manifestText) as { params: Record<string, Json> };
  return { ...manifest, params: hideWriteOnly(schemas, manifest.params) };
}

/**
 * How the manifests of two runs differ, from what determined the first to what determined the second.
 * Values that are hidden are compared too, but do not show.
 */
export function compareManifests(a: ManifestSource, b: ManifestSource): SpecChange[] {
  const [before, after] = [shownManifest(a), shownManifest(b)];
  const changes = diffJson(JSON.parse(a.manifestText) as Json, JSON.parse(b.manifestText) as Json);
  return changes.map((change) => ({
    path: change.path,
    ...(change.before === undefined ? {} : { before: seenAt(before, change.path) }),
    ...(change.after === undefined ? {} : { after: seenAt(after, change.path) }),
  }));
}

/** The value at a JSON pointer; HIDDEN when it stands inside of one that is hidden. */
function seenAt(root: Json, pointer: string): Json {
  let here = root;
  for (const key of pointer.split("/").slice(1)) {
    if (typeof here !== "object" || here === null) return here;
    const name = key.replaceAll("~1", "/").replaceAll("~0", "~");
    here = (here as { [key: string]: Json })[name] ?? null;
  }
  return here;
}

/** Every task of either run once: those of `b` in their order, then those that only `a` has. */
export function compareTasks(
  a: readonly TaskOfRun[],
  b: readonly TaskOfRun[],
  nameOf: (task: string) => string | null,
): ComparedTask[] {
  const [before, after] = [byId(a), byId(b)];
  return [...new Set([...after.keys(), ...before.keys()])].map((id) => {
    const [left, right] = [before.get(id), after.get(id)];
    const sides = { a: sideOf(left), b: sideOf(right) };
    const [from, to] = [sides.a?.durationMs ?? null, sides.b?.durationMs ?? null];
    return {
      id,
      name: nameOf(id),
      type: (right ?? left)?.type ?? "",
      ...sides,
      differenceMs: from === null || to === null ? null : to - from,
    };
  });
}

const byId = (tasks: readonly TaskOfRun[]) => new Map(tasks.map((task) => [task.id, task]));

function sideOf(task: TaskOfRun | undefined): ComparedSide | null {
  if (task === undefined) return null;
  const { state, attempt, startedAt, finishedAt } = task;
  const executed = state !== "reused" && startedAt !== null && finishedAt !== null;
  const durationMs = executed ? Date.parse(finishedAt) - Date.parse(startedAt) : null;
  return { state, attempt, durationMs };
}
