-- Why: channels, what they are told about (notices), incidents that keep it to one notice each, and
--      deliveries with every try.
-- Breaking: no. New tables and one function.
-- Locks: nothing that exists.
-- Undo: drop the tables channel, incident, notice, delivery and delivery_try and the function
--       idem_enqueue_delivery; the schema graphile_worker, if the jobs process made it.

-- CreateTable
CREATE TABLE "channel" (
    "id" BIGSERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "settings" JSONB NOT NULL,
    "secret" BYTEA,
    "language" TEXT NOT NULL DEFAULT 'en',
    "by_default" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL,
    "changed_at" TIMESTAMPTZ(3),
    "removed_at" TIMESTAMPTZ(3),

    CONSTRAINT "channel_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "incident" (
    "id" BIGSERIAL NOT NULL,
    "flow_id" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "interval_start" TIMESTAMPTZ(3),
    "opened_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "first_run_id" BIGINT NOT NULL,
    "last_run_id" BIGINT NOT NULL,
    "failures" INTEGER NOT NULL DEFAULT 1,
    "closed_at" TIMESTAMPTZ(3),
    "closed_run_id" BIGINT,

    CONSTRAINT "incident_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "notice" (
    "id" BIGSERIAL NOT NULL,
    "event" TEXT NOT NULL,
    "flow_id" TEXT,
    "run_id" BIGINT,
    "incident_id" BIGINT,
    "backfill_id" BIGINT,
    "detail" JSONB NOT NULL DEFAULT '{}',
    "unknown_channels" TEXT[],
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "read_at" TIMESTAMPTZ(3),
    "read_by" TEXT,

    CONSTRAINT "notice_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "delivery" (
    "id" BIGSERIAL NOT NULL,
    "channel_id" BIGINT NOT NULL,
    "notice_id" BIGINT,
    "resent_of" BIGINT,
    "state" TEXT NOT NULL DEFAULT 'waiting',
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "delivery_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "delivery_try" (
    "delivery_id" BIGINT NOT NULL,
    "number" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ms" INTEGER NOT NULL,
    "ok" BOOLEAN NOT NULL,
    "message" TEXT NOT NULL,

    CONSTRAINT "delivery_try_pkey" PRIMARY KEY ("delivery_id","number")
);

-- CreateIndex
CREATE UNIQUE INDEX "channel_name" ON "channel"("name") WHERE (removed_at IS NULL);

-- CreateIndex
CREATE UNIQUE INDEX "incident_open" ON "incident"("flow_id", "key") WHERE (closed_at IS NULL);

-- CreateIndex
CREATE INDEX "notice_unread" ON "notice"("id" DESC) WHERE (read_at IS NULL);

-- CreateIndex
CREATE INDEX "delivery_waiting" ON "delivery"("id") WHERE (state = 'waiting');

-- CreateIndex
CREATE INDEX "delivery_notice_id_idx" ON "delivery"("notice_id");

-- AddForeignKey
ALTER TABLE "delivery" ADD CONSTRAINT "delivery_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "channel"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE TRIGGER delivery_try_is_immutable BEFORE UPDATE OR DELETE ON "delivery_try" FOR EACH STATEMENT EXECUTE FUNCTION idem_refuse_change();

-- A delivery and its job are one transaction. Before the jobs process has ever run there is no queue to
-- put the job into; the process queues what waits when it starts.
CREATE FUNCTION idem_enqueue_delivery() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
              WHERE n.nspname = 'graphile_worker' AND p.proname = 'add_job') THEN
    PERFORM graphile_worker.add_job('deliver', json_build_object('delivery', NEW.id::text),
      max_attempts := 8::smallint, job_key := 'delivery:' || NEW.id);
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER delivery_is_enqueued AFTER INSERT ON "delivery" FOR EACH ROW EXECUTE FUNCTION idem_enqueue_delivery();
