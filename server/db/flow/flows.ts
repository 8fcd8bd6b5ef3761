import type { PoolClient } from "pg";
import type { Problem } from "#server/core/errors.ts";
import type { FlowSpec } from "#server/core/flow/spec.ts";
import type { Queryable } from "../sql.ts";

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
            origin = $7, source_path = $8, concurrency = $9, archived_at = null, updated_at = now()
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
      spec.concurrency ?? null,
    ],
  );
}

/**
 * Archives the flows that a file held, but for the one it holds now. Revisions and runs stay.
 * @returns the ids of the flows that were not archived before
 */
export async function archiveFlowsOf(
  client: PoolClient,
  path: string,
  except: string | null,
): Promise<string[]> {
  const result = await client.query<{ id: string }>(
    `update flow set archived_at = now(), updated_at = now()
      where origin = 'file' and source_path = $1 and archived_at is null
        and id is distinct from $2
      returning id`,
    [path, except],
  );
  return result.rows.map((row) => row.id);
}

/** Key of the advisory lock under which the flows folder is written down. */
const SYNC_LOCK = 4_936_011;

/** Lets one process at a time write down what it found, until its transaction ends. */
export async function lockSources(client: PoolClient): Promise<void> {
  await client.query("select pg_advisory_xact_lock($1)", [SYNC_LOCK]);
}

export interface SourceRow {
  path: string;
  contentHash: string;
  flowId: string | null;
  problems: Problem[];
}

export async function listSources(sql: Queryable): Promise<SourceRow[]> {
  const result = await sql.query<SourceRow>(
    `select path, content_hash as "contentHash", flow_id as "flowId", problems
       from flow_source order by path`,
  );
  return result.rows;
}

/** What is known of one file, and what its flow looks like now. */
export interface SourceState {
  contentHash: string;
  flowId: string | null;
  problems: Problem[];
  /** The hash of the current revision, while the flow is this file's and not archived. */
  currentHash: string | null;
}

export async function findSource(client: PoolClient, path: string): Promise<SourceState | null> {
  const result = await client.query<SourceState>(
    `select s.content_hash as "contentHash", s.flow_id as "flowId", s.problems,
            r.hash as "currentHash"
       from flow_source s
       left join flow f on f.id = s.flow_id and f.origin = 'file' and f.source_path = s.path
                       and f.archived_at is null
       left join revision r on r.id = f.latest_revision_id
      where s.path = $1`,
    [path],
  );
  return result.rows[0] ?? null;
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
