/** Brings chunks of logs to the database in batches, and knows when there are too many on the way. */
import { setTimeout as sleep } from "node:timers/promises";
import { isRetryable } from "../../db/failures.ts";
import { recordRefused } from "../../db/queue/queue-refused.ts";
import { insertChunks, isRunning, type LogKey, type NewChunk } from "../../db/run/logs.ts";
import type { Queryable } from "../../db/sql.ts";

/** Most chunks, and bytes, in one statement. */
const BATCH_CHUNKS = 16;
const BATCH_BYTES = 256 * 1024;
const RETRY_MS = 200;

export interface LogStoreOptions {
  sql: Queryable;
  runnerId: string;
  onError: (error: unknown) => void;
}

interface Waiting {
  chunk: NewChunk;
  done: () => void;
}

/** Statements are sent one after the other, so that chunks arrive in their order. */
export class LogStore {
  readonly #options: LogStoreOptions;
  #waiting: Waiting[] = [];
  #sending = false;
  #closed = false;

  constructor(options: LogStoreOptions) {
    this.#options = options;
  }

  /**
   * Stores one chunk. Resolves when it is stored, or when it has been refused because the attempt is
   * not this runner's any more. Never rejects: without database it waits.
   */
  store(chunk: NewChunk): Promise<void> {
    return new Promise((done) => {
      this.#waiting.push({ chunk, done });
      if (!this.#sending) void this.#send();
    });
  }

  /** Gives up what has not been stored: without lease, nothing may be. */
  close(): void {
    this.#closed = true;
    for (const { done } of this.#waiting.splice(0)) done();
  }

  async #send(): Promise<void> {
    this.#sending = true;
    // What comes in within this turn goes along.
    await null;
    while (this.#waiting.length > 0) {
      const batch = this.#nextBatch();
      try {
        await this.#insert(batch.map((waiting) => waiting.chunk));
        for (const { done } of batch) done();
      } catch (error) {
        this.#options.onError(error);
        if (this.#closed || !isRetryable(error)) {
          for (const { done } of batch) done();
        } else {
          this.#waiting.unshift(...batch);
          await sleep(RETRY_MS);
        }
      }
    }
    this.#sending = false;
  }

  #nextBatch(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { chunk } of this.#waiting) {
      if (count > 0 && (count === BATCH_CHUNKS || bytes + chunk.body.length > BATCH_BYTES)) break;
      bytes += chunk.body.length;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #insert(chunks: readonly NewChunk[]): Promise<void> {
    const { sql, runnerId } = this.#options;
    const stored = await insertChunks(sql, runnerId, chunks);
    if (stored === chunks.length) return;
    // Either some were stored before an acknowledgement was lost, or an attempt is not ours any more.
    const attempts = new Map<string, LogKey>(
      chunks.map((c) => [`${c.runId} ${c.ordinal} ${c.attempt}`, c]),
    );
    for (const key of attempts.values()) {
      if (!(await isRunning(sql, runnerId, key))) await recordRefused(sql, runnerId, [key], "log");
    }
  }
}
