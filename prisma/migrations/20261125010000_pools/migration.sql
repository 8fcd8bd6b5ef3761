-- Why: pools with slots, priorities, labels of runners, active runs per flow, and samples of the queue.
-- Breaking: no. New tables, new columns with a default, two indexes of the queue with one more column.
-- Locks: task_run while its two indexes are built anew, which reads ready and running tasks only; run
--        while one index over open runs is built, which reads the whole table.
-- Undo: create task_run_ready and task_run_running as before, drop run_open, the new columns, the
--       tables lane, pool, pool_sample, queue_sample and flow_turns, and the function idem_pool_room.

-- CreateTable
CREATE TABLE "pool" (
    "name" TEXT NOT NULL,
    "slots" INTEGER,
    "turns" SMALLINT NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "changed_at" TIMESTAMPTZ(3),
    "changed_by" TEXT,

    CONSTRAINT "pool_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "lane" (
    "id" SERIAL NOT NULL,
    "pool" TEXT NOT NULL,
    "label" TEXT NOT NULL DEFAULT '',
    "takes_slot" BOOLEAN NOT NULL DEFAULT true,

    CONSTRAINT "lane_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "flow_turns" (
    "flow_id" TEXT NOT NULL,
    "turns" SMALLINT NOT NULL,

    CONSTRAINT "flow_turns_pkey" PRIMARY KEY ("flow_id")
);

-- CreateTable
CREATE TABLE "queue_sample" (
    "at" TIMESTAMPTZ(3) NOT NULL,
    "ready" INTEGER NOT NULL,
    "running" INTEGER NOT NULL,
    "slots" INTEGER NOT NULL,
    "ended" BIGINT NOT NULL,

    CONSTRAINT "queue_sample_pkey" PRIMARY KEY ("at")
);

-- CreateTable
CREATE TABLE "pool_sample" (
    "pool" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "slots" INTEGER,
    "running" INTEGER NOT NULL,
    "ready" INTEGER NOT NULL,

    CONSTRAINT "pool_sample_pkey" PRIMARY KEY ("pool","at")
);

-- AlterTable
ALTER TABLE "flow" ADD COLUMN     "concurrency" INTEGER;

-- AlterTable
ALTER TABLE "revision" ADD COLUMN     "priority" SMALLINT NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "revision_task" ADD COLUMN     "lane" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "priority" SMALLINT NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "run" ADD COLUMN     "takes_turn" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "task_run" ADD COLUMN     "lane" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "runner" ADD COLUMN     "drained_by" TEXT,
ADD COLUMN     "ended" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "labels" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- CreateIndex
CREATE UNIQUE INDEX "lane_pool_label_takes_slot_key" ON "lane"("pool", "label", "takes_slot");

-- CreateIndex
CREATE INDEX "pool_sample_at_idx" ON "pool_sample"("at");

-- AddForeignKey
ALTER TABLE "lane" ADD CONSTRAINT "lane_pool_fkey" FOREIGN KEY ("pool") REFERENCES "pool"("name") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Every runner claims from lane 0 when nothing else is said.
INSERT INTO "pool" ("name") VALUES ('default');
INSERT INTO "lane" ("id", "pool") VALUES (0, 'default');

-- Revisions that are there already have named pools without effect: from now on they have one.
INSERT INTO "pool" ("name")
SELECT DISTINCT t.value ->> 'pool' FROM "revision" r, jsonb_each(r.spec -> 'tasks') t
 WHERE t.value ->> 'pool' IS NOT NULL
ON CONFLICT DO NOTHING;
INSERT INTO "lane" ("pool") SELECT "name" FROM "pool" WHERE "name" <> 'default';
ALTER TABLE "revision_task" DISABLE TRIGGER revision_task_is_immutable;
UPDATE "revision_task" rt SET "lane" = l.id
  FROM "revision" r, "lane" l
 WHERE r.id = rt.revision_id AND l.id <> 0 AND l.pool = r.spec -> 'tasks' -> rt.task_id ->> 'pool';
ALTER TABLE "revision_task" ENABLE TRIGGER revision_task_is_immutable;
UPDATE "task_run" t SET "lane" = rt.lane
  FROM "revision_task" rt
 WHERE rt.revision_id = t.revision_id AND rt.ordinal = t.ordinal AND rt.lane <> 0
   AND t.state IN ('waiting', 'ready', 'running', 'retry_wait');
UPDATE "run" SET "takes_turn" = true WHERE "held" AND "finished_at" IS NULL;
UPDATE "flow" f SET "concurrency" = (r.spec ->> 'concurrency')::int
  FROM "revision" r WHERE r.id = f.latest_revision_id;

-- DropIndex
DROP INDEX "task_run_ready";

-- DropIndex
DROP INDEX "task_run_running";

-- CreateIndex
CREATE INDEX "task_run_ready" ON "task_run"("lane", "priority" DESC, "run_id", "ordinal") WHERE (state = 'ready');

-- CreateIndex
CREATE INDEX "task_run_running" ON "task_run"("lane", "runner_id") WHERE (state = 'running');

-- CreateIndex
CREATE INDEX "run_open" ON "run"("flow_id", "held", "priority" DESC, "id") WHERE (finished_at IS NULL);

-- A few rows that every claim from a limited pool changes.
ALTER TABLE "pool" SET (fillfactor = 50);

-- How many tasks may start in each limited pool, at most `most`, and how many of them are to come from
-- below the highest priority: one of eight. Locks the pools until the transaction ends, so that claims
-- go one after the other; each count is a statement of its own, which sees what the claim before did.
CREATE FUNCTION idem_pool_room(pools TEXT[], most INTEGER)
RETURNS TABLE (name TEXT, room INTEGER, below INTEGER) LANGUAGE plpgsql AS $$
DECLARE
  one RECORD;
  taken INTEGER;
BEGIN
  IF cardinality(pools) = 0 THEN RETURN; END IF;
  FOR one IN SELECT p.name, p.slots, p.turns FROM pool p
              WHERE p.name = ANY(pools) AND p.slots IS NOT NULL
              ORDER BY p.name FOR NO KEY UPDATE LOOP
    SELECT count(*) INTO taken FROM lane l JOIN task_run t ON t.lane = l.id AND t.state = 'running'
     WHERE l.pool = one.name AND l.takes_slot;
    name := one.name;
    room := least(greatest(one.slots - taken, 0), most);
    below := (one.turns + room) / 8;
    RETURN NEXT;
  END LOOP;
END
$$;
