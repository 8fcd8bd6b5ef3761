-- Why: incidents of runs without an interval were looked up among all runs of their flow. What has
--      been looked at once has ended and cannot end an incident any more.
-- Breaking: no. One column with a constant default.
-- Locks: incident, exclusively, for as long as its catalogue entry takes. The table is not rewritten.
-- Undo: ALTER TABLE "incident" DROP COLUMN "seen_run_id";

-- AlterTable
ALTER TABLE "incident" ADD COLUMN "seen_run_id" BIGINT NOT NULL DEFAULT 0;
