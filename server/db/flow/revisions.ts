import type { PoolClient } from "pg";
import { calledFlows } from "#server/core/flow/calls.ts";
import type { CompiledFlow, FlowGraph, FlowSpec } from "#server/core/flow/spec.ts";
import { ensureLanes } from "../queue/lanes.ts";
import type { Queryable } from "../sql.ts";

export interface StoredRevision {
  id: string;
  number: number;
  /** False when a revision of this hash was there already. */
  created: boolean;
}

/**
 * Stores a compiled flow as a revision of its flow, or finds the one with the same hash.
 * The caller holds a lock on the flow row, which also serialises the numbering.
 * @param slotless task types whose tasks occupy no slot
 */
export async function storeRevision(
  client: PoolClient,
  flow: CompiledFlow,
  createdBy: string,
  slotless: ReadonlySet<string>,
): Promise<StoredRevision> {
  const known = await client.query<{ id: string; number: number }>(
    "select id, number from revision where flow_id = $1 and hash = $2",
    [flow.spec.id, flow.hash],
  );
  const found = known.rows[0];
  if (found !== undefined) return { ...found, created: false };

  const { graph } = flow;
  const edges = graph.children.flatMap((children, parent) =>
    children.map((child) => [parent, child] as const),
  );
  const inserted = await client.query<{ id: string; number: number }>(
    `insert into revision (flow_id, number, hash, spec_version, spec, source_format, source_path,
       source_text, task_count, edge_count, created_by, priority)
     select $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11
       from revision where flow_id = $1
     returning id, number`,
    [
      flow.spec.id,
      flow.hash,
      flow.spec.specVersion,
      flow.canonical,
      flow.source.format,
      flow.source.path,
      flow.source.text,
      graph.taskIds.length,
      edges.length,
      createdBy,
      flow.spec.priority ?? 0,
    ],
  );
  const revision = inserted.rows[0] as { id: string; number: number };
  await storeGraph(client, revision.id, flow.spec, graph, edges, slotless);
  await storeFiles(client, revision.id, flow);
  return { ...revision, created: true };
}

async function storeGraph(
  client: PoolClient,
  revisionId: string,
  spec: FlowSpec,
  graph: FlowGraph,
  edges: readonly (readonly [number, number])[],
  slotless: ReadonlySet<string>,
): Promise<void> {
  const task = (id: string) => spec.tasks[id];
  const lanes = await ensureLanes(
    client,
    graph.taskIds.map((id) => ({
      pool: task(id)?.pool ?? "default",
      label: task(id)?.runsOn ?? "",
      takesSlot: !slotless.has(task(id)?.type ?? ""),
    })),
  );
  await client.query(
    `insert into revision_task (revision_id, ordinal, task_id, type, needs, gated, leaf, lane, priority)
     select $1, * from unnest($2::int[], $3::text[], $4::text[], $5::int[], $6::bool[], $7::bool[],
            $8::int[], $9::int[])`,
    [
      revisionId,
      graph.taskIds.map((_, ordinal) => ordinal),
      graph.taskIds,
      graph.taskIds.map((id) => task(id)?.type),
      graph.parents.map((parents) => parents.length),
      // A list can only be made once the needs have ended, which asks for a decision.
      graph.taskIds.map((id) => task(id)?.if !== undefined || task(id)?.forEach !== undefined),
      graph.children.map((children) => children.length === 0),
      lanes,
      graph.taskIds.map((id) => task(id)?.priority ?? spec.priority ?? 0),
    ],
  );
  await client.query(
    `insert into revision_edge (revision_id, parent, child)
     select $1, * from unnest($2::int[], $3::int[])`,
    [revisionId, edges.map(([parent]) => parent), edges.map(([, child]) => child)],
  );
  await client.query(
    "insert into revision_call (revision_id, flow_id) select $1, unnest($2::text[])",
    [revisionId, calledFlows(spec)],
  );
}

async function storeFiles(
  client: PoolClient,
  revisionId: string,
  flow: CompiledFlow,
): Promise<void> {
  for (const blob of flow.blobs) {
    await client.query(
      "insert into blob (sha256, bytes, size) values ($1, $2, $3) on conflict (sha256) do nothing",
      [blob.sha256, Buffer.from(blob.bytes), blob.bytes.byteLength],
    );
  }
  const { files, bundle } = flow.spec;
  const rows = files.map((file) => ({ ...file, kind: "file" }));
  if (bundle !== undefined) {
    rows.push({ path: "", sha256: bundle, bytes: 0, executable: false, kind: "bundle" });
  }
  await client.query(
    `insert into revision_file (revision_id, kind, path, sha256, executable)
     select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::bool[])`,
    [
      revisionId,
      rows.map((row) => row.kind),
      rows.map((row) => row.path),
      rows.map((row) => row.sha256),
      rows.map((row) => row.executable),
    ],
  );
}

export interface RevisionRow {
  id: string;
  flowId: string;
  flowName: string | null;
  archivedAt: Date | null;
  number: number;
  latestNumber: number;
  hash: string;
  spec: FlowSpec;
}

/**
 * One revision with what starting a run needs to know of its flow.
 * @param number null asks for the latest one
 * @returns null when the flow or the revision does not exist
 */
export async function findRevision(
  sql: Queryable,
  flowId: string,
  number: number | null,
): Promise<RevisionRow | null> {
  const result = await sql.query<RevisionRow>({
    name: "find revision",
    text: `select r.id, r.flow_id as "flowId", f.name as "flowName", f.archived_at as "archivedAt", r.number,
            l.number as "latestNumber", r.hash, r.spec
       from flow f
       join revision l on l.id = f.latest_revision_id
       join revision r on r.flow_id = f.id and r.number = coalesce($2::int, l.number)
      where f.id = $1`,
    values: [flowId, number],
  });
  return result.rows[0] ?? null;
}

/** Task ids of a revision by ordinal. */
export async function readOrder(sql: Queryable, revisionId: string): Promise<string[]> {
  const result = await sql.query<{ taskId: string }>(
    `select task_id as "taskId" from revision_task where revision_id = $1 order by ordinal`,
    [revisionId],
  );
  return result.rows.map((row) => row.taskId);
}
