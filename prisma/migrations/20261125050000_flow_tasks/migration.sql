-- Why: flows that run flows: which flows a revision runs, and which task of which run a run was made for.
-- Breaking: no. A new table, new columns that may be null, one more trigger of runs.
-- Locks: run for the moment of adding its columns; its two new indexes hold runs of flow tasks only, but
--        building them reads the whole table.
-- Undo: drop the table revision_call, the four columns of run and the trigger run_caller_is_immutable.
--       The value of run_trigger stays; nothing else reads it.

-- AlterEnum
ALTER TYPE "run_trigger" ADD VALUE 'flow';

-- AlterTable
ALTER TABLE "run" ADD COLUMN     "caller_ordinal" INTEGER,
ADD COLUMN     "caller_run_id" BIGINT,
ADD COLUMN     "caller_task" TEXT,
ADD COLUMN     "caller_try" SMALLINT;

-- CreateTable
CREATE TABLE "revision_call" (
    "revision_id" BIGINT NOT NULL,
    "flow_id" TEXT NOT NULL,

    CONSTRAINT "revision_call_pkey" PRIMARY KEY ("revision_id","flow_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "run_caller" ON "run"("caller_run_id", "caller_ordinal", "caller_try") WHERE (caller_run_id IS NOT NULL);

-- CreateIndex
CREATE INDEX "run_called_open" ON "run"("id") WHERE (caller_run_id IS NOT NULL AND finished_at IS NULL);

CREATE TRIGGER revision_call_is_immutable BEFORE UPDATE OR DELETE ON "revision_call" FOR EACH STATEMENT EXECUTE FUNCTION idem_refuse_change();

CREATE TRIGGER run_caller_is_immutable BEFORE UPDATE ON "run" FOR EACH ROW
WHEN ((OLD.caller_run_id, OLD.caller_ordinal, OLD.caller_try, OLD.caller_task)
      IS DISTINCT FROM (NEW.caller_run_id, NEW.caller_ordinal, NEW.caller_try, NEW.caller_task))
EXECUTE FUNCTION idem_refuse_change();
