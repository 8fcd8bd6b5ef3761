import { randomUUID } from "node:crypto";
import type { CommandContext } from "../context.ts";
import { exitCodes } from "../failure.ts";
import { readInterval } from "../interval.ts";
import { readParams } from "../params.ts";
import { describeRun, detailJson } from "../run-json.ts";
import { waitForRun } from "../wait.ts";

export interface RunOptions {
  param: [string, string][];
  revision?: number;
  intervalStart?: string;
  intervalEnd?: string;
  timezone?: string;
  idempotencyKey?: string;
  wait?: boolean;
}

/** `idem run <flow>` */
export async function runFlow(
  { api, output, exitWith }: CommandContext,
  flow: string,
  options: RunOptions,
): Promise<void> {
  // Wrong usage is told before anybody is asked; the flow's zone is only known afterwards.
  readInterval({ ...options, timezone: options.timezone ?? "UTC" });
  const revision = options.revision === undefined ? {} : { revision: options.revision };
  const draft = await api.runs.draft.query({ flow, ...revision });
  const timezone = options.timezone ?? draft.timezone;
  const interval = readInterval({ ...options, timezone });
  const created = await api.runs.create.mutate({
    flow,
    ...revision,
    params: readParams(options.param, draft.schemas),
    ...(interval === undefined ? {} : { interval }),
    timezone,
    idempotencyKey: options.idempotencyKey ?? randomUUID(),
  });
  output.note(`Run ${created.id} of ${flow} r${created.revision}, identity ${created.identity}`);
  const run = options.wait ? await waitForRun(api, created.id) : created;
  output.result(await detailJson(api, run), () => describeRun(run));
  if (options.wait && run.state !== "succeeded") exitWith(exitCodes.failed);
}
