/**
 * Works off bulk actions: reruns and cancellations of many runs, a few in one transaction, so that
 * nothing waits long behind them. Every runner does it; rows decide who does what, and what a crash
 * interrupts has not happened.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Pool, PoolClient } from "pg";
import { AppError } from "../../core/errors.ts";
import { canonicalJson, sha256Hex } from "../../core/flow/canonical.ts";
import { BULK_PRIORITY } from "../../core/run/bulk-view.ts";
import { isLocked, isRetryable } from "../../db/failures.ts";
import { endItems, type HeldItem, holdItems, type ItemEnd } from "../../db/run/bulk.ts";
import { inTransaction } from "../../db/transaction.ts";
import { faultPoint } from "../faults.ts";
import { cancelRunWithin } from "../settle/settle.ts";
import {
  type PlannedRerun,
  prepareReruns,
  type RerunOrder,
  startReruns,
} from "../start/start-rerun.ts";

/** Runs that share one transaction. */
const BATCH = 20;
/** Rest while there is nothing to do. */
const REST_MS = 500;
/** Rest between two batches, for everybody else. */
const PAUSE_MS = 5;
/** A run that another session has locked is waited for so long, and then left for later. */
const LOCK_MS = 100;

/**
 * Works off pending items, at most `limit`, in one transaction. Safe to race and to repeat.
 * @returns how many items have ended
 */
export async function workBulk(pool: Pool, limit: number = BATCH): Promise<number> {
  return inTransaction(pool, async (client) => {
    const items = await holdItems(client, limit);
    if (items.length === 0) return 0;
    await client.query(`set local lock_timeout = ${LOCK_MS}`);
    const ends = (await attemptTogether(client, items)) ?? (await attemptEach(client, items));
    await endItems(client, ends);
    faultPoint("within-bulk");
    return ends.length;
  });
}

interface EndedItem {
  item: HeldItem;
  end: ItemEnd;
}

/**
 * Does what all items ask, reruns with the statements of one.
 * @returns null, with nothing done, when the database refuses something: then each is tried alone
 */
async function attemptTogether(
  client: PoolClient,
  items: readonly HeldItem[],
): Promise<EndedItem[] | null> {
  await client.query("savepoint items");
  try {
    const ends = [
      ...(await rerunAll(client, "all", items)),
      ...(await rerunAll(client, "failed", items)),
    ];
    for (const item of items.filter(({ kind }) => kind === "cancel")) {
      ends.push({ item, end: await cancel(client, item) });
    }
    await client.query("release savepoint items");
    return ends;
  } catch (error) {
    // The whole batch is tried again when the database, and not a run, is the reason.
    if (isRetryable(error) && !isLocked(error)) throw error;
    await client.query("rollback to savepoint items");
    return null;
  }
}

/**
 * Does what each item asks. What cannot be leaves nothing behind but the reason; what is locked stays
 * pending.
 */
async function attemptEach(client: PoolClient, items: readonly HeldItem[]): Promise<EndedItem[]> {
  const ends: EndedItem[] = [];
  for (const item of items) {
    await client.query("savepoint item");
    try {
      const [end] =
        item.kind === "rerun"
          ? await rerunAll(client, scopeOf(item), [item])
          : [{ item, end: await cancel(client, item) }];
      if (end === undefined) throw new Error("an item without an end");
      await client.query("release savepoint item");
      ends.push(end);
    } catch (error) {
      if (isRetryable(error) && !isLocked(error)) throw error;
      await client.query("rollback to savepoint item");
      if (isLocked(error)) continue;
      const message = error instanceof Error ? error.message : String(error);
      ends.push({ item, end: { state: "failed", newRunId: null, code: "INTERNAL", message } });
    }
  }
  return ends;
}

const scopeOf = (item: HeldItem) => item.scope ?? "all";

/** Reruns those of the items that ask for it in this scope. */
async function rerunAll(
  client: PoolClient,
  scope: "all" | "failed",
  all: readonly HeldItem[],
): Promise<EndedItem[]> {
  const items = all.filter((item) => item.kind === "rerun" && scopeOf(item) === scope);
  if (items.length === 0) return [];
  const ids = items.map(({ runId }) => runId);
  const ends: EndedItem[] = [];
  const planned: (PlannedRerun & { item: HeldItem })[] = [];
  for (const [index, prepared] of (await prepareReruns(client, ids, scope)).entries()) {
    const item = items[index] as HeldItem;
    if (prepared instanceof AppError) ends.push({ item, end: refused(prepared) });
    else planned.push({ item, prepared, order: orderOf(item, scope) });
  }
  for (const [index, started] of (await startReruns(client, planned)).entries()) {
    const { item } = planned[index] as { item: HeldItem };
    ends.push({ item, end: started instanceof AppError ? refused(started) : done(started.id) });
  }
  return ends;
}

function orderOf({ bulkId, runId, createdBy, reason }: HeldItem, scope: string): RerunOrder {
  return {
    createdBy,
    idempotencyKey: `bulk:${bulkId}:${runId}`,
    requestHash: sha256Hex(canonicalJson({ bulk: bulkId, run: runId, scope })),
    ...(reason === null ? {} : { reason }),
    priority: BULK_PRIORITY,
  };
}

const done = (newRunId: string | null): ItemEnd => ({
  state: "done",
  newRunId,
  code: null,
  message: null,
});

const refused = ({ code, message }: AppError): ItemEnd => ({
  state: "skipped",
  newRunId: null,
  code,
  message,
});

/** A run that has ended meanwhile stays as it is; that is found before anything is written. */
async function cancel(client: PoolClient, item: HeldItem): Promise<ItemEnd> {
  try {
    await cancelRunWithin(client, item.runId, item.createdBy, item.reason);
    return done(null);
  } catch (error) {
    if (error instanceof AppError) return refused(error);
    throw error;
  }
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
