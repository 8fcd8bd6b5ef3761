import { availableParallelism } from "node:os";
import { type Actor, authorise } from "#server/auth/actor.ts";
import type { FlowSpec } from "#server/core/flow/spec.ts";
import { adviseSize, MIN_TASK_RUNS, type SizeRecord } from "#server/core/run/advise-size.ts";
import type { SizeAdviceList } from "#server/core/run/size-view.ts";
import { findRevision } from "#server/db/flow/revisions.ts";
import { readSizes, readStartUps, type SizeRow } from "#server/db/run/size-history.ts";
import { instantTypes } from "#server/plugins/registry.ts";
import { slotlessTypes, taskTypes } from "#server/plugins/task-types.ts";
import type { Deps } from "#server/usecases/deps.ts";
import { requireRevision } from "./require.ts";

const BOUNDS = { runs: 20, taskRuns: 10_000, days: 90 };
/** Newest runs of all flows from which it is told what a start takes. */
const START_UP_RUNS = 500;
/** A start that takes longer is work: no type of this product needs as much. */
const MOST_START_UP_MS = 1_000;

/**
 * Which tasks of a flow spend more time on their start than on their work, from its newest 20
 * succeeded runs of the last 90 days.
 * @throws AppError NOT_FOUND
 */
export async function getSizeAdvice(
  deps: Deps,
  actor: Actor,
  input: { id: string },
): Promise<SizeAdviceList> {
  authorise(actor, "run:read");
  const found = await findRevision(deps.pool, input.id, null);
  const { spec } = requireRevision(found, input.id, undefined);
  // What takes no slot only waits, and what is instant costs nothing.
  const types = [...taskTypes.keys()].filter(
    (type) => !slotlessTypes.has(type) && !instantTypes.includes(type),
  );
  const rows = await readSizes(deps.pool, input.id, types, BOUNDS);
  const groups = [...groupRows(rows, spec).values()];
  const isEnough = groups.some(({ rows: own }) => sum(own, (r) => r.taskRuns) >= MIN_TASK_RUNS);
  const startUps = isEnough ? await readStartUps(deps.pool, types, START_UP_RUNS) : new Map();
  // Runners tell nothing of their machines; by default this is theirs as well.
  const processors = availableParallelism();
  const items = groups.flatMap(({ of, type, rows: own }) => {
    const startUpMs = Math.min(startUps.get(type) ?? 0, MOST_START_UP_MS);
    return adviseSize({ of, ...totalsOf(own), startUpMs, processors }) ?? [];
  });
  return {
    flow: input.id,
    minTaskRuns: MIN_TASK_RUNS,
    items: items.sort((a, b) => b.taskRuns - a.taskRuns),
  };
}

interface Group {
  of: SizeRecord["of"];
  type: string;
  rows: SizeRow[];
}

/** Task runs of a list belong together, and so do the other tasks of one type. */
function groupRows(rows: readonly SizeRow[], spec: FlowSpec): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const row of rows) {
    const task = spec.tasks[row.task];
    // Tasks that the current revision has no more, or has otherwise, ask for no advice.
    if (task?.type !== row.type || (task.forEach !== undefined) !== row.isList) continue;
    const key = row.isList ? `list ${row.task}` : `alike ${row.type}`;
    const known = groups.get(key);
    if (known !== undefined) known.rows.push(row);
    else {
      const of: Group["of"] = row.isList
        ? { kind: "list", task: row.task, batch: task.forEach?.batch ?? 1 }
        : { kind: "alike", type: row.type };
      groups.set(key, { of, type: row.type, rows: [row] });
    }
  }
  return groups;
}

function totalsOf(rows: readonly SizeRow[]): Omit<SizeRecord, "of" | "startUpMs" | "processors"> {
  const runs = new Map<string, { first: number; last: number }>();
  for (const { run, firstReady, lastEnd } of rows) {
    const { first, last } = runs.get(run) ?? { first: Infinity, last: -Infinity };
    runs.set(run, {
      first: Math.min(first, firstReady.getTime()),
      last: Math.max(last, lastEnd.getTime()),
    });
  }
  const taskRuns = sum(rows, (row) => row.taskRuns);
  return {
    runs: runs.size,
    taskRuns,
    quickMs: sum(rows, (row) => row.quickMs * row.taskRuns) / taskRuns,
    waitMs: sum(rows, (row) => row.waitMs),
    busyMs: sum(rows, (row) => row.busyMs),
    spanMs: sum([...runs.values()], ({ first, last }) => last - first),
  };
}

function sum<T>(list: readonly T[], of: (item: T) => number): number {
  return list.reduce((total, item) => total + of(item), 0);
}
