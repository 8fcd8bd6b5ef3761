-- Why: values of parameters that are marked as `writeOnly` are hidden wherever people look. Lists need
--      to know of each run whether there is anything to hide without reading its whole definition.
-- Breaking: no. The column follows from `spec`, for revisions that are there already too.
-- Locks: revision, against everything, for as long as its rows are written anew: well below a second
--        for thousands of revisions.
-- Undo: drop the column.

-- AlterTable
ALTER TABLE "revision" ADD COLUMN "has_write_only" BOOLEAN
  GENERATED ALWAYS AS (jsonb_path_exists("spec", '$.params.**.writeOnly ? (@ == true)')) STORED;
