/** Repeats what fails for want of the database, or of room on this machine. */
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../core/errors.ts";
import { isRetryable, isShortage } from "../db/failures.ts";

export interface Persistence {
  /** No more is tried once this says so. */
  stopped: () => boolean;
  /** Told once, when it is this machine that lacks something. */
  onShortage: (error: Error) => void;
  /** Rest between two tries, in milliseconds. */
  restMs: number;
}

/**
 * Repeats `work` until it gets through. A machine without room would otherwise fail every task that
 * is ready, one after the other, although none of them is to blame.
 * @throws the error once it is of another kind, or nothing more is to be tried
 */
export async function persist<T>(work: () => Promise<T>, options: Persistence): Promise<T> {
  let told = false;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const shortage = isShortage(error);
      if (error instanceof AppError || !(shortage || isRetryable(error))) throw error;
      if (options.stopped()) throw error;
      if (shortage && !told) options.onShortage(error as Error);
      told ||= shortage;
      await sleep(options.restMs);
    }
  }
}
