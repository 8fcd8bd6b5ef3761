/** Content-addressed files of revisions. */
import type { Queryable } from "../sql.ts";

export interface RevisionFileRow {
  path: string;
  sha256: string;
  executable: boolean;
}

/** Files that belong into the working directory of each attempt of a revision. */
export async function listRevisionFiles(
  sql: Queryable,
  revisionId: string,
): Promise<RevisionFileRow[]> {
  const result = await sql.query<RevisionFileRow>(
    `select path, sha256, executable from revision_file
      where revision_id = $1 and kind = 'file' order by path`,
    [revisionId],
  );
  return result.rows;
}

/** @returns null when there is no such content */
export async function readBlob(sql: Queryable, sha256: string): Promise<Buffer | null> {
  const result = await sql.query<{ bytes: Buffer }>("select bytes from blob where sha256 = $1", [
    sha256,
  ]);
  return result.rows[0]?.bytes ?? null;
}
