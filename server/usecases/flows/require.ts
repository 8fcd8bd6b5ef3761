import { AppError } from "#server/core/errors.ts";
import type { RevisionRow } from "#server/db/flow/revisions.ts";

/** @throws AppError NOT_FOUND when there is no such flow or revision */
export function requireRevision(
  revision: RevisionRow | null,
  flow: string,
  number: number | undefined,
): RevisionRow {
  if (revision !== null) return revision;
  const what =
    number === undefined
      ? `There is no flow "${flow}".`
      : `The flow "${flow}" has no revision r${number}.`;
  throw new AppError("NOT_FOUND", what, { fix: "Look at the list of flows." });
}
