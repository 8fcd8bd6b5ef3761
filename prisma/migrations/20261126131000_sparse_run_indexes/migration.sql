-- Why: each change of a run's state writes into all indexes that hold the run. Most runs have no parent,
--      and many have no interval or no idempotency key: they need not stand in these three.
-- Breaking: no. Whoever looks for a value still finds it by the same index.
-- Locks: run, against writes, for as long as building takes: about a second for a million runs.
-- Undo: drop the three indexes and create them again without their conditions.

-- DropIndex
DROP INDEX "run_idempotency_key_key";

-- DropIndex
DROP INDEX "run_parent_id_idx";

-- DropIndex
DROP INDEX "run_flow_id_interval_start_idx";

-- CreateIndex
CREATE UNIQUE INDEX "run_idempotency_key_key" ON "run"("idempotency_key") WHERE (idempotency_key IS NOT NULL);

-- CreateIndex
CREATE INDEX "run_parent_id_idx" ON "run"("parent_id") WHERE (parent_id IS NOT NULL);

-- CreateIndex
CREATE INDEX "run_flow_id_interval_start_idx" ON "run"("flow_id", "interval_start") WHERE (interval_start IS NOT NULL);
