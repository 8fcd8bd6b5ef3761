import { setTimeout as sleep } from "node:timers/promises";

/** A timer of Node cannot run longer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Lets time pass; several weeks take several timers.
 * @throws AbortError as soon as the signal says so
 */
export async function rest(ms: number, signal: AbortSignal): Promise<void> {
  let left = ms;
  while (left > 0) {
    const part = Math.min(left, LONGEST_TIMER_MS);
    await sleep(part, undefined, { signal });
    left -= part;
  }
}
