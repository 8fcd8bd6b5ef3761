/**
 * Delivers notifications: a queue of its own in a process of its own, so that no receiver, however
 * slow, takes anything from the engine. A delivery goes out at least once: a process that dies after
 * sending and before recording sends again, under the same id.
 */
import { Logger, run, runMigrations } from "graphile-worker";
import type { Pool } from "pg";
import { z } from "zod";
import { messageOf, testMessage } from "../../core/notify/message.ts";
import { faultOf } from "../../core/notify/receiver-fault.ts";
import {
  dropDelivery,
  findOpenDelivery,
  type OpenDelivery,
  recordTry,
} from "../../db/notify/channels.ts";
import { enqueueWaiting, recoverJobs, TRY_LIMIT_MS } from "../../db/notify/delivery-jobs.ts";
import { findNotice } from "../../db/notify/notices.ts";
import { inTransaction } from "../../db/transaction.ts";
import { notifiers } from "../../plugins/notifiers/registry.ts";
import { faultPoint } from "../faults.ts";
import { placeOfChannel, type SecretBox } from "./secret-box.ts";

/** Deliveries at a time. */
const CONCURRENCY = 8;
/** How often to look for jobs without having been woken. */
const POLL_MS = 1_000;

export interface DelivererOptions {
  pool: Pool;
  secrets: SecretBox;
  /** Address of the product in links, without a slash at its end. */
  address: string;
  onError: (message: string, error?: unknown) => void;
}

export interface Deliverer {
  /** Waits for tries that are on their way. Calling it again waits for the same end. */
  stop(): Promise<void>;
  /** Rejects when the queue has ended by itself. */
  ended: Promise<void>;
}

const payload = z.object({ delivery: z.string() });

/** Creates or updates the tables of the queue. Safe to repeat. */
async function migrateJobs(pool: Pool): Promise<void> {
  await runMigrations({ pgPool: pool });
}

/**
 * Delivers until it is stopped. The caller holds the jobs lock, so that whatever is locked in the queue
 * was held by a process that is gone.
 */
export async function startDeliverer(options: DelivererOptions): Promise<Deliverer> {
  const { pool, onError } = options;
  await migrateJobs(pool);
  await inTransaction(pool, recoverJobs);
  await enqueueWaiting(pool);
  const runner = await run({
    pgPool: pool,
    concurrency: CONCURRENCY,
    pollInterval: POLL_MS,
    noHandleSignals: true,
    crontab: "",
    logger: loggerOf(onError),
    taskList: {
      deliver: async (input, { job }) => {
        const { delivery } = payload.parse(input);
        await deliver(options, delivery, job.attempts >= job.max_attempts);
      },
    },
  });
  let stopping: Promise<void> | null = null;
  const stop = () => {
    stopping ??= runner.stop();
    return stopping;
  };
  return { stop, ended: runner.promise };
}

/** A try that failed and is on record: the queue is to wait and try again. */
class TryFailed extends Error {}

/**
 * One try. @param last whether there will be no other
 * @throws TryFailed when it is to be tried again
 */
async function deliver(options: DelivererOptions, id: string, last: boolean): Promise<void> {
  const { pool } = options;
  const delivery = await findOpenDelivery(pool, id);
  // It has ended: a repeated job of a process that died.
  if (delivery === null) return;
  if (delivery.removed) return dropDelivery(pool, id);
  const began = performance.now();
  const number = delivery.tries + 1;
  const ms = () => Math.round(performance.now() - began);
  faultPoint("before-delivery");
  try {
    const message = await send(options, delivery);
    faultPoint("after-delivery");
    await recordTry(pool, id, { number, ms: ms(), ok: true, message, fault: null }, "sent");
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    await recordTry(
      pool,
      id,
      { number, ms: ms(), ok: false, message, fault: faultOf(error) },
      last ? "failed" : "waiting",
    );
    if (!last) throw new TryFailed(message);
  }
}

/** Sends what a delivery carries. @returns what the receiver answered */
async function send(options: DelivererOptions, delivery: OpenDelivery): Promise<string> {
  const { pool, secrets, address } = options;
  const { id, noticeId, name, kind, settings, secret, language } = delivery;
  const notice = noticeId === null ? null : await findNotice(pool, noticeId);
  const message =
    notice === null ? testMessage(language, address) : messageOf(notice, language, address);
  const limit = AbortSignal.timeout(TRY_LIMIT_MS);
  return notifiers[kind](
    { id: `idem_${id}`, notice, message },
    {
      settings,
      secret: secret === null ? null : secrets.open(secret, placeOfChannel(name)),
      signal: limit,
    },
  );
}

/** Failed tries are on record; what else goes wrong, with the queue or its database, is told. */
function loggerOf(onError: DelivererOptions["onError"]): Logger {
  return new Logger(() => (level, message, meta) => {
    if (level === "error" && !(meta?.error instanceof TryFailed)) onError(message);
  });
}
