import { rest } from "#server/plugins/rest.ts";
import type { RunTask } from "#server/plugins/sdk.ts";
import { untilMs } from "./spec.ts";

/** A clock that is set while the task waits is noticed within this. */
const LOOK_MS = 60_000;

/** A time that has passed lets the next task start at once. */
export const run: RunTask = async ({ settings, timezone, now, signal, log }) => {
  const until = untilMs(settings, timezone);
  log.info(`Waiting until ${new Date(until).toISOString()}.`);
  for (;;) {
    const left = until - now();
    if (left <= 0) return undefined;
    await rest(Math.min(left, LOOK_MS), signal);
  }
};
