/** What a revision says, kept in memory: it never changes, and every decision about a run needs it. */
import type { FlowSpec } from "../../core/flow/spec.ts";
import type { Queryable } from "../sql.ts";

export interface RevisionModel {
  id: string;
  hash: string;
  flowId: string;
  spec: FlowSpec;
  /** Task ids by ordinal. */
  taskIds: readonly string[];
  /** For each ordinal, the ordinals it needs. */
  parents: readonly (readonly number[])[];
  /** For each ordinal, the ordinals that need it. */
  children: readonly (readonly number[])[];
}

/** Tasks that all models in memory may have together; one of 10,000 tasks takes some 10 MB. */
const MAX_TASKS_KEPT = 60_000;

interface Kept {
  model: Promise<RevisionModel>;
  /** Tasks of the model; 0 until it is loaded. */
  tasks: number;
}

/** By id and hash, so that two databases in one process are never mistaken for each other. */
const kept = new Map<string, Kept>();
let tasksKept = 0;

/**
 * The model of a revision, from memory or from the database.
 * @throws Error when the revision does not exist
 */
export async function revisionModel(
  sql: Queryable,
  revisionId: string,
  hash: string,
): Promise<RevisionModel> {
  const key = `${revisionId}:${hash}`;
  const known = kept.get(key);
  if (known !== undefined) {
    // Most recently used last.
    kept.delete(key);
    kept.set(key, known);
    return known.model;
  }
  const entry: Kept = { model: load(sql, revisionId), tasks: 0 };
  kept.set(key, entry);
  try {
    const model = await entry.model;
    entry.tasks = model.taskIds.length;
    tasksKept += entry.tasks;
    evict(entry);
    return model;
  } catch (error) {
    kept.delete(key);
    throw error;
  }
}

function evict(newest: Kept): void {
  for (const [key, entry] of kept) {
    if (tasksKept <= MAX_TASKS_KEPT) return;
    if (entry === newest) continue;
    kept.delete(key);
    tasksKept -= entry.tasks;
  }
}

/** The content hash of a revision, the second half of the key of its model. */
export async function revisionHash(sql: Queryable, revisionId: string): Promise<string> {
  const result = await sql.query<{ hash: string }>("select hash from revision where id = $1", [
    revisionId,
  ]);
  const row = result.rows[0];
  if (row === undefined) throw new Error(`revision ${revisionId} does not exist`);
  return row.hash;
}

async function load(sql: Queryable, revisionId: string): Promise<RevisionModel> {
  const revisions = await sql.query<{ flowId: string; hash: string; spec: FlowSpec }>(
    `select flow_id as "flowId", hash, spec from revision where id = $1`,
    [revisionId],
  );
  const revision = revisions.rows[0];
  if (revision === undefined) throw new Error(`revision ${revisionId} does not exist`);
  const tasks = await sql.query<{ taskId: string }>(
    `select task_id as "taskId" from revision_task where revision_id = $1 order by ordinal`,
    [revisionId],
  );
  const edges = await sql.query<{ parent: number; child: number }>(
    "select parent, child from revision_edge where revision_id = $1 order by parent, child",
    [revisionId],
  );
  const parents: number[][] = tasks.rows.map(() => []);
  const children: number[][] = tasks.rows.map(() => []);
  for (const { parent, child } of edges.rows) {
    children[parent]?.push(child);
    parents[child]?.push(parent);
  }
  return {
    id: revisionId,
    hash: revision.hash,
    flowId: revision.flowId,
    spec: revision.spec,
    taskIds: tasks.rows.map((row) => row.taskId),
    parents,
    children,
  };
}
