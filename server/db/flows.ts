import type { PoolClient } from "pg";
import type { Problem } from "#server/core/errors.ts";
import type { FlowSpec } from "#server/core/flow/spec.ts";

export type FlowOrigin = "file" | "push" | "import";

/**
 * Creates the flow row or locks the one that is there, until the transaction ends. Two writers of
 * one flow therefore go one after the other.
 */
export async function lockFlow(
  client: PoolClient,
  id: string,
  origin: FlowOrigin,
): Promise<{ origin: FlowOrigin; sourcePath: string | null; archived: boolean }> {
  await client.query("insert into flow (id, origin) values ($1, $2) on conflict (id) do nothing", [
    id,
    origin,
  ]);
  const result = await client.query<{
    origin: FlowOrigin;
    sourcePath: string | null;
    archived: boolean;
  }>(
    `select origin, source_path as "sourcePath", archived_at is not null as archived
       from flow where id = $1 for update`,
    [id],
  );
  return result.rows[0] as { origin: FlowOrigin; sourcePath: string | null; archived: boolean };
}

/** Makes a revision the current one and takes over the labels of its spec. */
export async function publishRevision(
  client: PoolClient,
  spec: FlowSpec,
  revisionId: string,
  origin: FlowOrigin,
  sourcePath: string | null,
): Promise<void> {
  await client.query(
    `update flow set latest_revision_id = $2, name = $3, description = $4, owner = $5, tags = $6,
            origin = $7, source_path = $8, archived_at = null, updated_at = now()
      where id = $1`,
    [
      spec.id,
      revisionId,
      spec.name ?? null,
      spec.description ?? null,
      spec.owner ?? null,
      spec.tags,
      origin,
      sourcePath,
    ],
  );
}

/** Archives flows whose file is gone. Their revisions and runs stay. */
export async function archiveFlows(client: PoolClient, ids: readonly string[]): Promise<void> {
  await client.query(
    "update flow set archived_at = now(), updated_at = now() where id = any($1) and archived_at is null",
    [ids],
  );
}

export interface SourceRow {
  path: string;
  contentHash: string;
  flowId: string | null;
  problems: Problem[];
}

export async function listSources(client: PoolClient): Promise<SourceRow[]> {
  const result = await client.query<SourceRow>(
    `select path, content_hash as "contentHash", flow_id as "flowId", problems
       from flow_source order by path`,
  );
  return result.rows;
}

export async function saveSource(client: PoolClient, source: SourceRow): Promise<void> {
  await client.query(
    `insert into flow_source (path, content_hash, flow_id, problems) values ($1, $2, $3, $4)
     on conflict (path) do update set content_hash = excluded.content_hash,
       flow_id = excluded.flow_id, problems = excluded.problems, checked_at = now()`,
    [source.path, source.contentHash, source.flowId, JSON.stringify(source.problems)],
  );
}

export async function deleteSources(client: PoolClient, paths: readonly string[]): Promise<void> {
  await client.query("delete from flow_source where path = any($1)", [paths]);
}
