-- Why: tasks that were lost with their runners twice in a row are tried one after the other, and are
--      looked for at every tick.
-- Breaking: no. One partial index, which is all but empty.
-- Locks: task_run while the index is built, which reads the whole table and finds next to nothing.
-- Undo: drop index task_run_suspect.

-- CreateIndex
CREATE INDEX "task_run_suspect" ON "task_run"("state", "runner_id") WHERE (lost_in_row >= 2);
