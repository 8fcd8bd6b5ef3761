import type { Json } from "#server/core/flow/spec.ts";
import { checkOutput } from "#server/core/run/output.ts";
import { intervalSetting } from "#server/plugins/interval-setting.ts";
import { rest } from "#server/plugins/rest.ts";
import { type CalledRun, type RunTask, TaskFailure } from "#server/plugins/sdk.ts";
import type { FlowSettings } from "./spec.ts";

/** Between two looks, in milliseconds: often while a run may be short, then seldom. */
const FIRST_LOOK_MS = 50;
const LAST_LOOK_MS = 1_000;

/** Starts the run, or finds the one that an attempt before has started, and waits for its end. */
export const run: RunTask = async (context) => {
  const settings = context.settings as unknown as FlowSettings;
  const { flow, params } = settings;
  const interval =
    settings.interval === undefined ? context.interval : intervalSetting(settings.interval);
  let called: CalledRun | null = null;
  let pause = FIRST_LOOK_MS;
  try {
    for (;;) {
      const seen = await context.callFlow({ flow, params, interval });
      if (seen.run !== called?.run) context.log.info(`Run ${seen.run} of ${flow}.`);
      called = seen;
      if (seen.state === "succeeded") break;
      if (seen.state === "failed" || seen.state === "cancelled") throw failureOf(seen, flow);
      await rest(pause, context.signal);
      pause = Math.min(pause * 1.5, LAST_LOOK_MS);
    }
  } catch (error) {
    if (context.signal.aborted) await context.abandonFlow();
    throw error;
  }
  context.log.info(`Run ${called.run} has succeeded.`);
  const outputs = await context.readLeaves(called.run);
  return fitting({ run: called.run, state: "succeeded", outputs });
};

function fitting(output: Json): Json {
  try {
    return checkOutput(output);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new TaskFailure({ kind: "output", message });
  }
}

function failureOf({ run, state, firstError }: CalledRun, flow: string): TaskFailure {
  const cause =
    firstError === null ? "" : `: ${firstError.name ?? firstError.task}: ${firstError.message}`;
  const verb = state === "failed" ? "failed" : "was cancelled";
  return new TaskFailure({ kind: "flow", message: `Run ${run} of ${flow} ${verb}${cause}` });
}
