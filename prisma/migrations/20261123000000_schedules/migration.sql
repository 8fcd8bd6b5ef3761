-- Why: schedules of flows with their next tick, what happened to ticks, and runs that belong to a tick.
-- Breaking: no. New tables, new columns that may be null or have a default.
-- Locks: run for the moment of adding its columns; building its three indexes reads the whole table.
-- Undo: drop the tables schedule and schedule_event and the three columns of run, and create
--       run_origin_is_immutable as before. The value of run_trigger stays; nothing else reads it.

-- AlterEnum
ALTER TYPE "run_trigger" ADD VALUE 'schedule';

-- AlterTable
ALTER TABLE "run" ADD COLUMN     "held" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "schedule_key" TEXT,
ADD COLUMN     "tick_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "schedule" (
    "flow_id" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "revision_id" BIGINT NOT NULL,
    "spec" JSONB NOT NULL,
    "params" JSONB NOT NULL,
    "next_tick_at" TIMESTAMPTZ(3),
    "paused_at" TIMESTAMPTZ(3),
    "paused_by" TEXT,
    "dropped_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "schedule_pkey" PRIMARY KEY ("flow_id","key")
);

-- CreateTable
CREATE TABLE "schedule_event" (
    "id" BIGSERIAL NOT NULL,
    "flow_id" TEXT NOT NULL,
    "schedule_key" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor" TEXT NOT NULL,
    "verb" TEXT NOT NULL,
    "tick_at" TIMESTAMPTZ(3),
    "detail" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "schedule_event_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "run_tick" ON "run"("flow_id", "schedule_key", "tick_at") WHERE (tick_at IS NOT NULL);

-- CreateIndex
CREATE INDEX "run_schedule_open" ON "run"("flow_id", "schedule_key", "id") WHERE (schedule_key IS NOT NULL AND finished_at IS NULL);

-- CreateIndex
CREATE INDEX "run_held" ON "run"("flow_id", "schedule_key", "tick_at") WHERE (held AND finished_at IS NULL);

-- CreateIndex
CREATE INDEX "schedule_next_tick_at_idx" ON "schedule"("next_tick_at");

-- CreateIndex
CREATE INDEX "schedule_event_flow_id_schedule_key_id_idx" ON "schedule_event"("flow_id", "schedule_key", "id" DESC);

-- CreateIndex
CREATE INDEX "schedule_event_at_idx" ON "schedule_event"("at");

-- AddForeignKey
ALTER TABLE "schedule" ADD CONSTRAINT "schedule_flow_id_fkey" FOREIGN KEY ("flow_id") REFERENCES "flow"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "schedule" ADD CONSTRAINT "schedule_revision_id_fkey" FOREIGN KEY ("revision_id") REFERENCES "revision"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Every tick moves next_tick_at of its schedule.
ALTER TABLE "schedule" SET (fillfactor = 70);

CREATE TRIGGER schedule_event_is_immutable BEFORE UPDATE OR DELETE ON "schedule_event" FOR EACH STATEMENT EXECUTE FUNCTION idem_refuse_change();

-- A run's schedule and tick are part of its origin.
DROP TRIGGER run_origin_is_immutable ON "run";
CREATE TRIGGER run_origin_is_immutable BEFORE UPDATE ON "run" FOR EACH ROW
  WHEN ((OLD.flow_id, OLD.revision_id, OLD.identity, OLD.params, OLD.interval_start, OLD.interval_end, OLD.timezone, OLD.trigger, OLD.parent_id, OLD.rerun_scope, OLD.certificate, OLD.created_by, OLD.created_at, OLD.schedule_key, OLD.tick_at)
     IS DISTINCT FROM
        (NEW.flow_id, NEW.revision_id, NEW.identity, NEW.params, NEW.interval_start, NEW.interval_end, NEW.timezone, NEW.trigger, NEW.parent_id, NEW.rerun_scope, NEW.certificate, NEW.created_by, NEW.created_at, NEW.schedule_key, NEW.tick_at))
  EXECUTE FUNCTION idem_refuse_change();
