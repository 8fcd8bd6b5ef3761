import type { RunTask } from "#server/plugins/sdk.ts";

/** Calls the exported function of the flow's bundle. */
export const run: RunTask = (context) => context.callFunction(String(context.settings.handler));
