import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import type { CommandContext, Surroundings } from "../context.ts";
import { exitCodes } from "../failure.ts";
import { readInterval } from "../interval.ts";
import { leaf, MAX_REVISION } from "../leaf.ts";
import { wholeNumber } from "../options.ts";
import { collectParam, readParams } from "../params.ts";
import { describeRun, detailJson } from "../run-json.ts";
import { waitForRun } from "../wait.ts";

export function addRunCommand(program: Command, surroundings: Surroundings): void {
  leaf(
    program
      .command("run")
      .description("run a flow")
      .argument("<flow>")
      .option("-p, --param <name=value>", "a parameter; repeatable", collectParam, [])
      .option("--revision <number>", "not the latest one", wholeNumber(1, MAX_REVISION))
      .option("--interval-start <time>", "a date, or date and time")
      .option("--interval-end <time>", "default: one day after the start")
      .option("--timezone <zone>", "IANA time zone of the interval; default: that of the flow")
      .option("--idempotency-key <key>", "the same key never makes a second run")
      .option("--wait", "until it has ended; exit code 1 unless it succeeded"),
    surroundings,
    runFlow,
  );
}

interface RunOptions {
  param: [string, string][];
  revision?: number;
  intervalStart?: string;
  intervalEnd?: string;
  timezone?: string;
  idempotencyKey?: string;
  wait?: boolean;
}

/** `idem run <flow>` */
async function runFlow(
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
