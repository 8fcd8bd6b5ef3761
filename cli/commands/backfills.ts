import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Command, Option } from "commander";
import {
  type BackfillOrder,
  type BackfillStep,
  backfillOrders,
  backfillSteps,
  DEFAULT_CONCURRENCY,
  isBackfillEnded,
  MAX_CONCURRENCY,
  MAX_ROWS,
  type Reprocess,
  reprocessModes,
} from "#server/core/backfill/states.ts";
import type { BackfillDetail } from "#server/core/backfill/view.ts";
import type { Json } from "#server/core/flow/spec.ts";
import type { Api } from "../api.ts";
import { describeBackfill, describePlan, rangeText, SHOWN } from "../backfill-text.ts";
import type { CommandContext, Surroundings } from "../context.ts";
import { exitCodes, Failure } from "../failure.ts";
import { leaf, MAX_REVISION } from "../leaf.ts";
import { wholeNumber } from "../options.ts";
import { table } from "../output.ts";
import { collectParam, readParams } from "../params.ts";

const POLL_MS = 500;

export function addBackfillCommands(program: Command, surroundings: Surroundings): void {
  const backfill = program
    .command("backfill")
    .description("run a flow over intervals or parameter sets");
  const until = "until it has ended or pauses; exit code 1 unless it succeeded";
  leaf(
    backfill
      .command("create")
      .description("run a flow for each interval of a range, or each set of parameters")
      .argument("<flow>")
      .option("--from <time>", "a date, or date and time: intervals that start from then on")
      .option("--to <time>", "and before then")
      .addOption(
        new Option("--step <step>", "default: as the schedule, else day").choices(backfillSteps),
      )
      .option("--schedule <number>", "which one of the flow's schedules", wholeNumber(1, 1_000))
      .option("--timezone <zone>", "IANA time zone; default: the schedule's, else UTC")
      .option("--sets <file>", "a list of parameter sets as JSON, instead of a range")
      .option("-p, --param <name=value>", "a parameter; repeatable", collectParam, [])
      .option("--revision <number>", "not the latest one", wholeNumber(1, MAX_REVISION))
      .addOption(new Option("--order <order>", "of work").choices(backfillOrders).default("asc"))
      .option(
        "--concurrency <number>",
        "most runs at a time",
        wholeNumber(1, MAX_CONCURRENCY),
        DEFAULT_CONCURRENCY,
      )
      .addOption(
        new Option("--reprocess <mode>", "missing; those and failed; or all")
          .choices(reprocessModes)
          .default("failed"),
      )
      .option(
        "--canary <number>",
        "these must succeed before others start",
        wholeNumber(1, MAX_ROWS),
      )
      .option("--stop-after <number>", "pause after so many failures", wholeNumber(1, MAX_ROWS))
      .option("--plan", "show what would be done and do nothing")
      .option("--reason <text>", "why tasks with outside effects are run again")
      .option("--idempotency-key <key>", "the same key never starts a second backfill")
      .option("--wait", until),
    surroundings,
    createBackfill,
  );
  leaf(
    backfill
      .command("ls")
      .description("list backfills, newest first")
      .option("--flow <flow>", "only of this flow")
      .option("--limit <number>", "most rows", wholeNumber(1, 100), 50)
      .option("--cursor <cursor>", "the `next` of the page before"),
    surroundings,
    listBackfills,
  );
  const of = (name: string, description: string) =>
    backfill.command(name).description(description).argument("<backfill>");
  leaf(
    of("show", "show one backfill with its failed intervals").option("--wait", until),
    surroundings,
    showBackfill,
  );
  leaf(of("pause", "start nothing more until it is resumed"), surroundings, pauseBackfill);
  leaf(
    of("resume", "go on with a paused backfill").option("--wait", until),
    surroundings,
    resumeBackfill,
  );
  leaf(
    of("concurrency", "change how many runs there may be at a time").argument("<number>"),
    surroundings,
    (context, id: string, number: string) =>
      setConcurrency(context, id, wholeNumber(1, MAX_CONCURRENCY)(number)),
  );
  leaf(
    of("cancel", "cancel a backfill")
      .addOption(
        new Option("--running <what>", "what becomes of its runs")
          .choices(["leave", "cancel"])
          .default("leave"),
      )
      .option("--reason <text>", "recorded with the backfill")
      .option("--wait", "until it has ended"),
    surroundings,
    cancelBackfill,
  );
  leaf(
    of("retry-failed", "rerun the failed tasks of its failed intervals")
      .option("--reason <text>", "why tasks with outside effects are run again")
      .option("--wait", until),
    surroundings,
    retryFailed,
  );
}

interface CreateOptions {
  from?: string;
  to?: string;
  step?: BackfillStep;
  schedule?: number;
  timezone?: string;
  sets?: string;
  revision?: number;
  param: [string, string][];
  order: BackfillOrder;
  concurrency: number;
  reprocess: Reprocess;
  canary?: number;
  stopAfter?: number;
  plan?: boolean;
  reason?: string;
  idempotencyKey?: string;
  wait?: boolean;
}

/** `idem backfill create <flow>`: shows the plan, or sends it back by its hash so that it happens. */
async function createBackfill(
  context: CommandContext,
  flow: string,
  options: CreateOptions,
): Promise<void> {
  const { api, output } = context;
  const { reason } = options;
  const revision = options.revision === undefined ? {} : { revision: options.revision };
  const draft = await api.runs.draft.query({ flow, ...revision });
  const plan = await api.backfills.plan.mutate({
    flow,
    ...revision,
    ...(await readRange(context, options)),
    params: readParams(options.param, draft.schemas),
    order: options.order,
    concurrency: options.concurrency,
    reprocess: options.reprocess,
    ...(options.canary === undefined ? {} : { canary: options.canary }),
    ...(options.stopAfter === undefined ? {} : { stopAfter: options.stopAfter }),
  });
  if (options.plan) {
    output.result(plan, () => describePlan(plan));
    return;
  }
  const { run, skip } = plan.counts;
  output.note(`Backfill ${plan.id} of ${flow} r${plan.revision}: ${run} to run, ${skip} to skip`);
  const started = await api.backfills.start.mutate({
    id: plan.id,
    planHash: plan.hash,
    ...(reason === undefined ? {} : { reason }),
    idempotencyKey: options.idempotencyKey ?? randomUUID(),
  });
  await tell(context, started, options.wait === true);
}

/** What is to be run, as the API takes it; what goes together is the server's to say. */
async function readRange(context: CommandContext, options: CreateOptions) {
  const { from, to, step, schedule, timezone, sets } = options;
  return {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(step === undefined ? {} : { step }),
    ...(schedule === undefined ? {} : { schedule }),
    ...(timezone === undefined ? {} : { timezone }),
    ...(sets === undefined ? {} : { sets: await readSets(context, sets) }),
  };
}

/** @throws Failure USAGE when the file holds no list of maps */
async function readSets({ cwd }: CommandContext, path: string): Promise<Record<string, Json>[]> {
  const wrong = (why: string) =>
    new Failure("USAGE", `${path} ${why}.`, {
      fix: 'Write a list of maps as JSON, such as [{"station": "seattle"}].',
    });
  const text = await readFile(resolve(cwd, path), "utf8").catch(() => {
    throw wrong("cannot be read");
  });
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    throw wrong("is not JSON");
  }
  if (!Array.isArray(value)) throw wrong("holds no list");
  return value.map((set, index) => {
    if (typeof set !== "object" || set === null || Array.isArray(set)) {
      throw wrong(`holds something else than a map at ${index + 1}`);
    }
    return set;
  });
}

interface ListOptions {
  flow?: string;
  limit: number;
  cursor?: string;
}

/** `idem backfill ls`: newest first. */
async function listBackfills(
  { api, output }: CommandContext,
  { flow, limit, cursor }: ListOptions,
): Promise<void> {
  const page = await api.backfills.list.query({
    ...(flow === undefined ? {} : { flow }),
    ...(cursor === undefined ? {} : { cursor }),
    limit,
  });
  output.result({ items: page.items, next: page.next }, () => {
    const rows = page.items.map((backfill) => [
      backfill.id,
      backfill.flow,
      backfill.state,
      rangeText(backfill),
      `${backfill.total - backfill.counts.waiting - backfill.counts.running}/${backfill.total}`,
      String(backfill.counts.failed),
      backfill.eta ?? "",
    ]);
    const text = table(["ID", "FLOW", "STATE", "RANGE", "DONE", "FAILED", "ETA"], rows);
    return page.next === null ? text : `${text}\nMore: --cursor ${page.next}`;
  });
}

/** `idem backfill show <id>` */
async function showBackfill(
  context: CommandContext,
  id: string,
  { wait = false }: { wait?: boolean },
): Promise<void> {
  await tell(context, await context.api.backfills.get.query({ id }), wait);
}

/** `idem backfill pause <id>` */
async function pauseBackfill(context: CommandContext, id: string): Promise<void> {
  await tell(context, await context.api.backfills.pause.mutate({ id }), false);
}

/** `idem backfill resume <id>` */
async function resumeBackfill(
  context: CommandContext,
  id: string,
  { wait = false }: { wait?: boolean },
): Promise<void> {
  await tell(context, await context.api.backfills.resume.mutate({ id }), wait);
}

/** `idem backfill concurrency <id> <number>` */
async function setConcurrency(
  context: CommandContext,
  id: string,
  concurrency: number,
): Promise<void> {
  await tell(
    context,
    await context.api.backfills.setConcurrency.mutate({ id, concurrency }),
    false,
  );
}

/** `idem backfill cancel <id>` */
async function cancelBackfill(
  context: CommandContext,
  id: string,
  options: { running: "leave" | "cancel"; reason?: string; wait?: boolean },
): Promise<void> {
  const { running, reason, wait = false } = options;
  const input = { id, running, ...(reason === undefined ? {} : { reason }) };
  const backfill = await context.api.backfills.cancel.mutate(input);
  // Cancelled is what was asked for.
  await tell(context, backfill, wait, "cancelled");
}

/** `idem backfill retry-failed <id>` */
async function retryFailed(
  context: CommandContext,
  id: string,
  { reason, wait = false }: { reason?: string; wait?: boolean },
): Promise<void> {
  const input = { id, ...(reason === undefined ? {} : { reason }) };
  await tell(context, await context.api.backfills.retryFailed.mutate(input), wait);
}

/** Prints a backfill, after its end if that is wished; exit code 1 when the end is not the good one. */
async function tell(
  { api, output, exitWith }: CommandContext,
  backfill: BackfillDetail,
  wait: boolean,
  good: BackfillDetail["state"] = "succeeded",
): Promise<void> {
  const shown = wait ? await waitForEnd(api, backfill) : backfill;
  const failed = await api.backfills.intervals.query({
    id: shown.id,
    state: ["failed"],
    limit: SHOWN,
  });
  output.result({ ...shown, failed: failed.items }, () => describeBackfill(shown, failed.items));
  if (wait && shown.state !== good) exitWith(exitCodes.failed);
}

/** Waits for the end, or for a pause, which somebody has to look at. */
async function waitForEnd(api: Api, backfill: BackfillDetail): Promise<BackfillDetail> {
  let now = backfill;
  while (!isBackfillEnded(now.state) && now.state !== "paused") {
    await sleep(POLL_MS);
    now = await api.backfills.get.query({ id: backfill.id });
  }
  return now;
}
