/**
 * Works off bulk actions: reruns and cancellations of many runs, a few in one transaction, so that
 * nothing waits long behind them. Every runner does it; rows decide who does what, and what a crash
 * interrupts has not happened.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Pool, PoolClient } from "pg";
import { AppError } from "../core/errors.ts";
import { canonicalJson, sha256Hex } from "../core/flow/canonical.ts";
import { BULK_PRIORITY } from "../core/run/bulk-view.ts";
import { endItem, type HeldItem, holdItems, type ItemEnd } from "../db/bulk.ts";
import { isRetryable } from "../db/queue-channel.ts";
import { inTransaction } from "../db/transaction.ts";
import { faultPoint } from "./faults.ts";
import { cancelRunWithin } from "./settle.ts";
import { prepareRerun, startRerun } from "./start-rerun.ts";

/** Runs that share one transaction. */
const BATCH = 20;
/** Rest while there is nothing to do. */
const REST_MS = 500;
/** Rest between two batches, for everybody else. */
const PAUSE_MS = 5;

/**
 * Works off pending items, at most `limit`, in one transaction. Safe to race and to repeat.
 * @returns how many items have ended
 */
export async function workBulk(pool: Pool, limit: number = BATCH): Promise<number> {
  return inTransaction(pool, async (client) => {
    const items = await holdItems(client, limit);
    for (const item of items) await endItem(client, item, await attempt(client, item));
    if (items.length > 0) faultPoint("within-bulk");
    return items.length;
  });
}

/** Does what an item asks. What is refused leaves nothing behind but the reason. */
async function attempt(client: PoolClient, item: HeldItem): Promise<ItemEnd> {
  await client.query("savepoint item");
  try {
    const newRunId = item.kind === "rerun" ? await rerun(client, item) : await cancel(client, item);
    await client.query("release savepoint item");
    return { state: "done", newRunId, code: null, message: null };
  } catch (error) {
    const refused = error instanceof AppError;
    // The whole batch is tried again when the database, and not the run, is the reason.
    if (!refused && isRetryable(error)) throw error;
    await client.query("rollback to savepoint item");
    if (refused) {
      return { state: "skipped", newRunId: null, code: error.code, message: error.message };
    }
    const message = error instanceof Error ? error.message : String(error);
    return { state: "failed", newRunId: null, code: "INTERNAL", message };
  }
}

async function rerun(client: PoolClient, item: HeldItem): Promise<string> {
  const { bulkId, runId, reason } = item;
  const scope = item.scope ?? "all";
  const prepared = await prepareRerun(client, { id: runId, scope });
  const started = await startRerun(client, prepared, {
    createdBy: item.createdBy,
    idempotencyKey: `bulk:${bulkId}:${runId}`,
    requestHash: sha256Hex(canonicalJson({ bulk: bulkId, run: runId, scope })),
    ...(reason === null ? {} : { reason }),
    priority: BULK_PRIORITY,
  });
  return started.id;
}

async function cancel(client: PoolClient, item: HeldItem): Promise<null> {
  await cancelRunWithin(client, item.runId, item.createdBy, item.reason);
  return null;
}

export interface BulkWorkerOptions {
  pool: Pool;
  onError: (error: unknown) => void;
}

export class BulkWorker {
  readonly #options: BulkWorkerOptions;
  readonly #stop = new AbortController();
  #loop: Promise<void> | null = null;

  constructor(options: BulkWorkerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      let rest = REST_MS;
      try {
        if ((await workBulk(this.#options.pool)) > 0) rest = PAUSE_MS;
      } catch (error) {
        this.#options.onError(error);
      }
      await sleep(rest, undefined, { signal }).catch(() => {
        // Aborted: the loop ends.
      });
    }
  }
}
