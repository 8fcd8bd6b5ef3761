-- Why: the home page asks for the newest run after a failed one that was to do the same. A flow
--      without parameters has one identity for all of its runs: they are found in order of age.
-- Breaking: no. Whoever looks for an identity finds it by the new index.
-- Locks: run, against writes, for as long as building takes: about a second for a million runs.
-- Undo: drop the index and create "run_identity_idx" on "identity" alone.

-- DropIndex
DROP INDEX "run_identity_idx";

-- CreateIndex
CREATE INDEX "run_identity_id_idx" ON "run"("identity", "id" DESC);
