import { rest } from "#server/plugins/rest.ts";
import type { RunTask } from "#server/plugins/sdk.ts";
import { waitMs } from "./spec.ts";

/** Lets the time pass. */
export const run: RunTask = async ({ settings, signal }) => {
  await rest(waitMs(settings), signal);
  return undefined;
};
