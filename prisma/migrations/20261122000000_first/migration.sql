-- Why: the first schema: flows, revisions, manifests, runs, the task queue, attempts, logs, runners.
-- Breaking: no, there is nothing before it.
-- Locks: none that matter, all tables are new.
-- Undo: drop the schema.

-- CreateEnum
CREATE TYPE "flow_origin" AS ENUM ('file', 'push', 'import');

-- CreateEnum
CREATE TYPE "run_state" AS ENUM ('queued', 'running', 'succeeded', 'failed', 'cancelled');

-- CreateEnum
CREATE TYPE "run_trigger" AS ENUM ('manual', 'api', 'rerun', 'changes');

-- CreateEnum
CREATE TYPE "task_state" AS ENUM ('waiting', 'ready', 'running', 'retry_wait', 'succeeded', 'failed', 'cancelled', 'upstream_failed', 'skipped', 'reused');

-- CreateEnum
CREATE TYPE "attempt_state" AS ENUM ('succeeded', 'failed', 'timed_out', 'cancelled', 'lost');

-- CreateEnum
CREATE TYPE "runner_state" AS ENUM ('active', 'draining', 'stopped', 'lost');

-- CreateTable
CREATE TABLE "flow" (
    "id" TEXT NOT NULL,
    "name" TEXT,
    "description" TEXT,
    "owner" TEXT,
    "tags" TEXT[],
    "origin" "flow_origin" NOT NULL,
    "source_path" TEXT,
    "latest_revision_id" BIGINT,
    "archived_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "flow_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "flow_source" (
    "path" TEXT NOT NULL,
    "content_hash" TEXT NOT NULL,
    "flow_id" TEXT,
    "problems" JSONB NOT NULL DEFAULT '[]',
    "checked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "flow_source_pkey" PRIMARY KEY ("path")
);

-- CreateTable
CREATE TABLE "revision" (
    "id" BIGSERIAL NOT NULL,
    "flow_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "hash" TEXT NOT NULL,
    "spec_version" INTEGER NOT NULL,
    "spec" JSONB NOT NULL,
    "source_format" TEXT NOT NULL,
    "source_path" TEXT NOT NULL,
    "source_text" TEXT NOT NULL,
    "task_count" INTEGER NOT NULL,
    "edge_count" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL,

    CONSTRAINT "revision_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "blob" (
    "sha256" TEXT NOT NULL,
    "bytes" BYTEA NOT NULL,
    "size" INTEGER NOT NULL,

    CONSTRAINT "blob_pkey" PRIMARY KEY ("sha256")
);

-- CreateTable
CREATE TABLE "revision_file" (
    "revision_id" BIGINT NOT NULL,
    "path" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "executable" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "revision_file_pkey" PRIMARY KEY ("revision_id","kind","path")
);

-- CreateTable
CREATE TABLE "revision_task" (
    "revision_id" BIGINT NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "task_id" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "needs" INTEGER NOT NULL,
    "gated" BOOLEAN NOT NULL,
    "leaf" BOOLEAN NOT NULL,

    CONSTRAINT "revision_task_pkey" PRIMARY KEY ("revision_id","ordinal")
);

-- CreateTable
CREATE TABLE "revision_edge" (
    "revision_id" BIGINT NOT NULL,
    "parent" INTEGER NOT NULL,
    "child" INTEGER NOT NULL,

    CONSTRAINT "revision_edge_pkey" PRIMARY KEY ("revision_id","parent","child")
);

-- CreateTable
CREATE TABLE "manifest" (
    "identity" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "manifest_pkey" PRIMARY KEY ("identity")
);

-- CreateTable
CREATE TABLE "run" (
    "id" BIGSERIAL NOT NULL,
    "flow_id" TEXT NOT NULL,
    "revision_id" BIGINT NOT NULL,
    "identity" TEXT NOT NULL,
    "state" "run_state" NOT NULL DEFAULT 'queued',
    "trigger" "run_trigger" NOT NULL,
    "params" JSONB NOT NULL,
    "interval_start" TIMESTAMPTZ(3),
    "interval_end" TIMESTAMPTZ(3),
    "timezone" TEXT NOT NULL DEFAULT 'UTC',
    "priority" SMALLINT NOT NULL DEFAULT 0,
    "parent_id" BIGINT,
    "rerun_scope" TEXT,
    "plan_hash" TEXT,
    "certificate" JSONB,
    "reason" TEXT,
    "created_by" TEXT NOT NULL,
    "idempotency_key" TEXT,
    "request_hash" TEXT,
    "open_leaves" INTEGER NOT NULL,
    "troubled" BOOLEAN NOT NULL DEFAULT false,
    "recovered" BOOLEAN NOT NULL DEFAULT false,
    "cancel_requested_at" TIMESTAMPTZ(3),
    "first_error" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "run_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "task_run" (
    "run_id" BIGINT NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "revision_id" BIGINT NOT NULL,
    "state" "task_state" NOT NULL DEFAULT 'waiting',
    "pending" INTEGER NOT NULL,
    "gated" BOOLEAN NOT NULL,
    "leaf" BOOLEAN NOT NULL,
    "priority" SMALLINT NOT NULL DEFAULT 0,
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "failures" SMALLINT NOT NULL DEFAULT 0,
    "lost_in_row" SMALLINT NOT NULL DEFAULT 0,
    "cancel_requested" BOOLEAN NOT NULL DEFAULT false,
    "runner_id" BIGINT,
    "not_before" TIMESTAMPTZ(3),
    "ready_at" TIMESTAMPTZ(3),
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "reused_from_run_id" BIGINT,

    CONSTRAINT "task_run_pkey" PRIMARY KEY ("run_id","ordinal")
);

-- CreateTable
CREATE TABLE "attempt" (
    "run_id" BIGINT NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "attempt" INTEGER NOT NULL,
    "state" "attempt_state" NOT NULL,
    "runner_id" BIGINT,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "finished_at" TIMESTAMPTZ(3) NOT NULL,
    "error" JSONB,

    CONSTRAINT "attempt_pkey" PRIMARY KEY ("run_id","ordinal","attempt")
);

-- CreateTable
CREATE TABLE "task_output" (
    "run_id" BIGINT NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "attempt" INTEGER NOT NULL,
    "output" JSONB NOT NULL,

    CONSTRAINT "task_output_pkey" PRIMARY KEY ("run_id","ordinal")
);

-- CreateTable
CREATE TABLE "log_chunk" (
    "run_id" BIGINT NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "attempt" INTEGER NOT NULL,
    "seq" INTEGER NOT NULL,
    "first_line" INTEGER NOT NULL,
    "line_count" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "body" BYTEA NOT NULL,
    "marks" BYTEA NOT NULL,

    CONSTRAINT "log_chunk_pkey" PRIMARY KEY ("run_id","ordinal","attempt","seq")
);

-- CreateTable
CREATE TABLE "runner" (
    "id" BIGSERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "host" TEXT NOT NULL,
    "pid" INTEGER NOT NULL,
    "version" TEXT NOT NULL,
    "slots" INTEGER NOT NULL,
    "state" "runner_state" NOT NULL DEFAULT 'active',
    "running" INTEGER NOT NULL DEFAULT 0,
    "memory_bytes" BIGINT NOT NULL DEFAULT 0,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "heartbeat_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lease_until" TIMESTAMPTZ(3) NOT NULL,
    "stopped_at" TIMESTAMPTZ(3),

    CONSTRAINT "runner_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "refused_write" (
    "id" BIGSERIAL NOT NULL,
    "run_id" BIGINT NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "attempt" INTEGER NOT NULL,
    "runner_id" BIGINT NOT NULL,
    "outcome" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "refused_write_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "run_event" (
    "id" BIGSERIAL NOT NULL,
    "run_id" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor" TEXT NOT NULL,
    "verb" TEXT NOT NULL,
    "detail" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "run_event_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "flow_latest_revision_id_key" ON "flow"("latest_revision_id");

-- CreateIndex
CREATE INDEX "flow_source_flow_id_idx" ON "flow_source"("flow_id");

-- CreateIndex
CREATE UNIQUE INDEX "revision_flow_id_hash_key" ON "revision"("flow_id", "hash");

-- CreateIndex
CREATE UNIQUE INDEX "revision_flow_id_number_key" ON "revision"("flow_id", "number");

-- CreateIndex
CREATE UNIQUE INDEX "revision_task_revision_id_task_id_key" ON "revision_task"("revision_id", "task_id");

-- CreateIndex
CREATE INDEX "revision_edge_revision_id_child_idx" ON "revision_edge"("revision_id", "child");

-- CreateIndex
CREATE UNIQUE INDEX "run_idempotency_key_key" ON "run"("idempotency_key");

-- CreateIndex
CREATE INDEX "run_flow_id_id_idx" ON "run"("flow_id", "id" DESC);

-- CreateIndex
CREATE INDEX "run_state_id_idx" ON "run"("state", "id" DESC);

-- CreateIndex
CREATE INDEX "run_parent_id_idx" ON "run"("parent_id");

-- CreateIndex
CREATE INDEX "run_identity_idx" ON "run"("identity");

-- CreateIndex
CREATE INDEX "run_flow_id_interval_start_idx" ON "run"("flow_id", "interval_start");

-- CreateIndex
CREATE INDEX "run_params_idx" ON "run" USING GIN ("params" jsonb_path_ops);

-- CreateIndex
CREATE INDEX "task_run_ready" ON "task_run"("priority" DESC, "run_id", "ordinal") WHERE (state = 'ready');

-- CreateIndex
CREATE INDEX "task_run_running" ON "task_run"("runner_id") WHERE (state = 'running');

-- CreateIndex
CREATE INDEX "task_run_retry" ON "task_run"("not_before") WHERE (state = 'retry_wait');

-- CreateIndex
CREATE INDEX "task_run_undecided" ON "task_run"("run_id") WHERE (state = 'waiting' AND pending = 0);

-- CreateIndex
CREATE INDEX "runner_state_heartbeat_at_idx" ON "runner"("state", "heartbeat_at");

-- CreateIndex
CREATE INDEX "refused_write_run_id_idx" ON "refused_write"("run_id");

-- CreateIndex
CREATE INDEX "run_event_run_id_id_idx" ON "run_event"("run_id", "id");

-- AddForeignKey
ALTER TABLE "flow" ADD CONSTRAINT "flow_latest_revision_id_fkey" FOREIGN KEY ("latest_revision_id") REFERENCES "revision"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "revision" ADD CONSTRAINT "revision_flow_id_fkey" FOREIGN KEY ("flow_id") REFERENCES "flow"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "revision_file" ADD CONSTRAINT "revision_file_revision_id_fkey" FOREIGN KEY ("revision_id") REFERENCES "revision"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "revision_file" ADD CONSTRAINT "revision_file_sha256_fkey" FOREIGN KEY ("sha256") REFERENCES "blob"("sha256") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run" ADD CONSTRAINT "run_revision_id_fkey" FOREIGN KEY ("revision_id") REFERENCES "revision"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run" ADD CONSTRAINT "run_identity_fkey" FOREIGN KEY ("identity") REFERENCES "manifest"("identity") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run" ADD CONSTRAINT "run_parent_id_fkey" FOREIGN KEY ("parent_id") REFERENCES "run"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- The queue is updated two or three times per row: leave room on each page and vacuum early.
ALTER TABLE "task_run" SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000, autovacuum_analyze_scale_factor = 0.05);
ALTER TABLE "run" SET (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE "runner" SET (fillfactor = 50);

-- Bodies are compressed once here; asking again on every read costs more than it saves.
ALTER TABLE "log_chunk" ALTER COLUMN "body" SET COMPRESSION pglz;

-- History is append-only, also for code that has a bug: the database refuses.
CREATE FUNCTION idem_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'history of % does not change (% refused)', TG_TABLE_NAME, TG_OP
    USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE TRIGGER revision_is_immutable BEFORE UPDATE OR DELETE ON "revision" FOR EACH STATEMENT EXECUTE FUNCTION idem_refuse_change();
CREATE TRIGGER revision_file_is_immutable BEFORE UPDATE OR DELETE ON "revision_file" FOR EACH STATEMENT EXECUTE FUNCTION idem_refuse_change();
CREATE TRIGGER revision_task_is_immutable BEFORE UPDATE OR DELETE ON "revision_task" FOR EACH STATEMENT EXECUTE FUNCTION idem_refuse_change();
CREATE TRIGGER revision_edge_is_immutable BEFORE UPDATE OR DELETE ON "revision_edge" FOR EACH STATEMENT EXECUTE FUNCTION idem_refuse_change();
CREATE TRIGGER blob_is_immutable BEFORE UPDATE OR DELETE ON "blob" FOR EACH STATEMENT EXECUTE FUNCTION idem_refuse_change();
CREATE TRIGGER manifest_is_immutable BEFORE UPDATE OR DELETE ON "manifest" FOR EACH STATEMENT EXECUTE FUNCTION idem_refuse_change();
CREATE TRIGGER attempt_is_immutable BEFORE UPDATE OR DELETE ON "attempt" FOR EACH STATEMENT EXECUTE FUNCTION idem_refuse_change();
CREATE TRIGGER task_output_is_immutable BEFORE UPDATE OR DELETE ON "task_output" FOR EACH STATEMENT EXECUTE FUNCTION idem_refuse_change();
CREATE TRIGGER refused_write_is_immutable BEFORE UPDATE OR DELETE ON "refused_write" FOR EACH STATEMENT EXECUTE FUNCTION idem_refuse_change();
CREATE TRIGGER run_event_is_immutable BEFORE UPDATE OR DELETE ON "run_event" FOR EACH STATEMENT EXECUTE FUNCTION idem_refuse_change();

CREATE TRIGGER run_origin_is_immutable BEFORE UPDATE ON "run" FOR EACH ROW
  WHEN ((OLD.flow_id, OLD.revision_id, OLD.identity, OLD.params, OLD.interval_start, OLD.interval_end, OLD.timezone, OLD.trigger, OLD.parent_id, OLD.rerun_scope, OLD.certificate, OLD.created_by, OLD.created_at)
     IS DISTINCT FROM
        (NEW.flow_id, NEW.revision_id, NEW.identity, NEW.params, NEW.interval_start, NEW.interval_end, NEW.timezone, NEW.trigger, NEW.parent_id, NEW.rerun_scope, NEW.certificate, NEW.created_by, NEW.created_at))
  EXECUTE FUNCTION idem_refuse_change();
CREATE TRIGGER run_end_is_final BEFORE UPDATE ON "run" FOR EACH ROW
  WHEN (OLD.state IN ('succeeded', 'failed', 'cancelled') AND NEW.state IS DISTINCT FROM OLD.state)
  EXECUTE FUNCTION idem_refuse_change();
CREATE TRIGGER task_end_is_final BEFORE UPDATE ON "task_run" FOR EACH ROW
  WHEN (OLD.state IN ('succeeded', 'failed', 'cancelled', 'upstream_failed', 'skipped', 'reused') AND NEW.state IS DISTINCT FROM OLD.state)
  EXECUTE FUNCTION idem_refuse_change();
