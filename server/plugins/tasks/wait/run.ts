import { setTimeout as sleep } from "node:timers/promises";
import type { RunTask } from "#server/plugins/sdk.ts";
import { waitMs } from "./spec.ts";

/** A timer of Node cannot run longer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Lets the time pass; a wait of several weeks takes several timers. */
export const run: RunTask = async ({ settings, signal }) => {
  let left = waitMs(settings);
  while (left > 0) {
    const part = Math.min(left, LONGEST_TIMER_MS);
    await sleep(part, undefined, { signal });
    left -= part;
  }
  return undefined;
};
