-- Why: backfills that are open are found by their times; a condition on a list of states is stored in
--      another form than it is written in, so that schema and database never looked alike.
-- Breaking: no. The index has the same name and finds the same rows.
-- Locks: backfill, for the moment of building an index over its open rows.
-- Undo: drop the index and create it on the states running, paused and cancelling.

DROP INDEX "backfill_open";

CREATE INDEX "backfill_open" ON "backfill"("id") WHERE (started_at IS NOT NULL AND finished_at IS NULL);
