-- Why: reruns and cancellations of many runs at once, as rows that runners work off.
-- Breaking: no. New types and tables only.
-- Locks: run for the moment of adding two foreign keys that point to it.
-- Undo: drop the tables bulk_item and bulk_action and the types bulk_kind and bulk_state.

-- CreateEnum
CREATE TYPE "bulk_kind" AS ENUM ('rerun', 'cancel');

-- CreateEnum
CREATE TYPE "bulk_state" AS ENUM ('pending', 'done', 'skipped', 'failed');

-- CreateTable
CREATE TABLE "bulk_action" (
    "id" BIGSERIAL NOT NULL,
    "kind" "bulk_kind" NOT NULL,
    "scope" TEXT,
    "filter" JSONB NOT NULL,
    "high_water" BIGINT NOT NULL,
    "total" INTEGER NOT NULL,
    "reason" TEXT,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "stopped_at" TIMESTAMPTZ(3),
    "idempotency_key" TEXT NOT NULL,
    "request_hash" TEXT NOT NULL,

    CONSTRAINT "bulk_action_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "bulk_item" (
    "bulk_id" BIGINT NOT NULL,
    "run_id" BIGINT NOT NULL,
    "state" "bulk_state" NOT NULL DEFAULT 'pending',
    "new_run_id" BIGINT,
    "code" TEXT,
    "message" TEXT,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "bulk_item_pkey" PRIMARY KEY ("bulk_id","run_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "bulk_action_idempotency_key_key" ON "bulk_action"("idempotency_key");

-- CreateIndex
CREATE INDEX "bulk_item_pending" ON "bulk_item"("bulk_id", "run_id") WHERE (state = 'pending');

-- AddForeignKey
ALTER TABLE "bulk_item" ADD CONSTRAINT "bulk_item_bulk_id_fkey" FOREIGN KEY ("bulk_id") REFERENCES "bulk_action"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bulk_item" ADD CONSTRAINT "bulk_item_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bulk_item" ADD CONSTRAINT "bulk_item_new_run_id_fkey" FOREIGN KEY ("new_run_id") REFERENCES "run"("id") ON DELETE SET NULL ON UPDATE CASCADE;
