-- Why: a try that failed says in a closed vocabulary why, so that pages can say it in their language.
-- Breaking: no. Tries before it have none.
-- Locks: delivery_try, for a moment; no row is rewritten.
-- Undo: drop the column.
ALTER TABLE "delivery_try" ADD COLUMN "fault" TEXT;
