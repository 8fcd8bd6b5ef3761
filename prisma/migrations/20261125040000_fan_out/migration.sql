-- Why: a task may be executed over a list; each item or batch of items is a task run of its own.
-- Breaking: no. New columns without values, and one partial index.
-- Locks: task_run while the index is built, which reads the whole table and finds nothing.
-- Undo: drop index task_run_items and the three columns.

-- AlterTable
ALTER TABLE "task_run" ADD COLUMN     "item" INTEGER,
ADD COLUMN     "item_of" INTEGER,
ADD COLUMN     "items" INTEGER;

-- CreateIndex
CREATE INDEX "task_run_items" ON "task_run"("run_id", "item_of", "item") WHERE item_of IS NOT NULL;
