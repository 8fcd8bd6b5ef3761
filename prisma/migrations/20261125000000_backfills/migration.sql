-- Why: backfills with their ledgers and what happened to them, and runs that belong to a row of a ledger.
-- Breaking: no. New types and tables, new columns that may be null.
-- Locks: run for the moment of adding its columns; its new index holds rows of backfills only, but
--        building it reads the whole table.
-- Undo: drop the tables backfill, backfill_row and backfill_event, the three columns of run, the
--       trigger run_backfill_is_immutable and both types. The value of run_trigger stays; nothing
--       else reads it.

-- CreateEnum
CREATE TYPE "backfill_state" AS ENUM ('planned', 'running', 'paused', 'cancelling', 'succeeded', 'failed', 'cancelled');

-- CreateEnum
CREATE TYPE "backfill_row_state" AS ENUM ('waiting', 'running', 'succeeded', 'failed', 'cancelled', 'skipped');

-- AlterEnum
ALTER TYPE "run_trigger" ADD VALUE 'backfill';

-- AlterTable
ALTER TABLE "run" ADD COLUMN     "backfill_id" BIGINT,
ADD COLUMN     "backfill_ordinal" INTEGER,
ADD COLUMN     "backfill_try" SMALLINT;

-- CreateTable
CREATE TABLE "backfill" (
    "id" BIGSERIAL NOT NULL,
    "flow_id" TEXT NOT NULL,
    "revision_id" BIGINT NOT NULL,
    "state" "backfill_state" NOT NULL DEFAULT 'planned',
    "request" JSONB NOT NULL,
    "plan_hash" TEXT NOT NULL,
    "total" INTEGER NOT NULL,
    "params" JSONB NOT NULL,
    "range_start" TIMESTAMPTZ(3),
    "range_end" TIMESTAMPTZ(3),
    "timezone" TEXT NOT NULL,
    "concurrency" INTEGER NOT NULL,
    "canary" INTEGER NOT NULL DEFAULT 0,
    "stop_after" INTEGER,
    "forgiven" INTEGER NOT NULL DEFAULT 0,
    "reason" TEXT,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "idempotency_key" TEXT,
    "request_hash" TEXT,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "pause" JSONB,
    "cancel_running" BOOLEAN NOT NULL DEFAULT false,
    "retry_reason" TEXT,
    "retry_by" TEXT,
    "version" BIGINT NOT NULL DEFAULT 1,

    CONSTRAINT "backfill_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "backfill_row" (
    "backfill_id" BIGINT NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "interval_start" TIMESTAMPTZ(3),
    "interval_end" TIMESTAMPTZ(3),
    "params" JSONB,
    "chosen" BOOLEAN NOT NULL,
    "reason" TEXT NOT NULL,
    "reason_run_id" BIGINT,
    "guarded" BOOLEAN NOT NULL DEFAULT false,
    "state" "backfill_row_state" NOT NULL,
    "run_id" BIGINT,
    "tries" SMALLINT NOT NULL DEFAULT 0,
    "ended_at" TIMESTAMPTZ(3),
    "problem" TEXT,
    "version" BIGINT NOT NULL DEFAULT 1,

    CONSTRAINT "backfill_row_pkey" PRIMARY KEY ("backfill_id","ordinal")
);

-- CreateTable
CREATE TABLE "backfill_event" (
    "id" BIGSERIAL NOT NULL,
    "backfill_id" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor" TEXT NOT NULL,
    "verb" TEXT NOT NULL,
    "detail" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "backfill_event_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "run_backfill" ON "run"("backfill_id", "backfill_ordinal", "backfill_try") WHERE (backfill_id IS NOT NULL);

-- CreateIndex
CREATE UNIQUE INDEX "backfill_idempotency_key_key" ON "backfill"("idempotency_key");

-- CreateIndex
CREATE INDEX "backfill_flow_id_id_idx" ON "backfill"("flow_id", "id" DESC);

-- CreateIndex
CREATE INDEX "backfill_open" ON "backfill"("id") WHERE (state IN ('running', 'paused', 'cancelling'));

-- CreateIndex
CREATE INDEX "backfill_planned" ON "backfill"("created_at") WHERE (state = 'planned');

-- CreateIndex
CREATE INDEX "backfill_row_backfill_id_state_ordinal_idx" ON "backfill_row"("backfill_id", "state", "ordinal");

-- CreateIndex
CREATE INDEX "backfill_row_backfill_id_version_idx" ON "backfill_row"("backfill_id", "version");

-- CreateIndex
CREATE INDEX "backfill_event_backfill_id_id_idx" ON "backfill_event"("backfill_id", "id" DESC);

-- Every row of a ledger changes twice, and its backfill with every step of the window.
ALTER TABLE "backfill_row" SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
ALTER TABLE "backfill" SET (fillfactor = 50);

CREATE TRIGGER backfill_event_is_immutable BEFORE UPDATE OR DELETE ON "backfill_event" FOR EACH STATEMENT EXECUTE FUNCTION idem_refuse_change();

-- The place of a run in a ledger is part of its origin.
CREATE TRIGGER run_backfill_is_immutable BEFORE UPDATE ON "run" FOR EACH ROW
  WHEN ((OLD.backfill_id, OLD.backfill_ordinal, OLD.backfill_try) IS DISTINCT FROM (NEW.backfill_id, NEW.backfill_ordinal, NEW.backfill_try))
  EXECUTE FUNCTION idem_refuse_change();
