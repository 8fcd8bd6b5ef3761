import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import type { ScheduleView } from "#server/core/schedule/view.ts";
import type { CommandContext, Surroundings } from "../context.ts";
import { exitCodes, Failure } from "../failure.ts";
import { leaf, MAX_PAGE } from "../leaf.ts";
import { wholeNumber } from "../options.ts";
import { table } from "../output.ts";
import { describeRun, detailJson } from "../run-json.ts";
import { waitForRun } from "../wait.ts";

export function addScheduleCommands(program: Command, surroundings: Surroundings): void {
  const schedules = program
    .command("schedules")
    .description("list, pause, resume and run schedules");
  leaf(
    schedules
      .command("ls")
      .description("list schedules with their next ticks, by flow")
      .option("--flow <flow>", "only of this flow")
      .option("--limit <number>", "most rows", wholeNumber(1, MAX_PAGE), 100)
      .option("--cursor <cursor>", "the `next` of the page before"),
    surroundings,
    listSchedules,
  );
  // The key may be left out where the flow has one schedule only.
  const of = (name: string, what: string) =>
    schedules.command(name).description(what).argument("<flow>").argument("[key]");
  leaf(of("pause", "keep a schedule from firing"), surroundings, pauseSchedule);
  leaf(of("resume", "let a paused schedule fire again"), surroundings, resumeSchedule);
  leaf(
    of("run", "run what the newest tick of a schedule ran")
      .option("--idempotency-key <key>", "the same key never makes a second run")
      .option("--wait", "until it has ended; exit code 1 unless it succeeded"),
    surroundings,
    runSchedule,
  );
}

interface ListOptions {
  flow?: string;
  limit: number;
  cursor?: string;
}

/** `idem schedules ls`: by flow. */
async function listSchedules(
  { api, output }: CommandContext,
  { flow, limit, cursor }: ListOptions,
): Promise<void> {
  const page = await api.schedules.list.query({
    ...(flow === undefined ? {} : { flow }),
    ...(cursor === undefined ? {} : { cursor }),
    limit,
  });
  output.result({ items: page.items.map(scheduleJson), next: page.next }, () => {
    const rows = page.items.map((schedule) => [
      schedule.flow,
      schedule.key,
      schedule.words?.en ?? schedule.cron,
      schedule.timezone,
      schedule.state,
      schedule.next[0] ?? "",
      lastText(schedule),
    ]);
    const text = table(["FLOW", "KEY", "FIRES", "ZONE", "STATE", "NEXT", "LAST"], rows);
    return page.next === null ? text : `${text}\nMore: --cursor ${page.next}`;
  });
}

/** `idem schedules pause <flow> [key]` */
async function pauseSchedule(
  { api, output }: CommandContext,
  flow: string,
  key: string | undefined,
): Promise<void> {
  const schedule = await api.schedules.pause.mutate(await find(api, flow, key));
  output.result(scheduleJson(schedule), () => describeSchedule(schedule));
}

/** `idem schedules resume <flow> [key]` */
async function resumeSchedule(
  { api, output }: CommandContext,
  flow: string,
  key: string | undefined,
): Promise<void> {
  const schedule = await api.schedules.resume.mutate(await find(api, flow, key));
  output.result(scheduleJson(schedule), () => describeSchedule(schedule));
}

interface RunOptions {
  idempotencyKey?: string;
  wait?: boolean;
}

/** `idem schedules run <flow> [key]` */
async function runSchedule(
  { api, output, exitWith }: CommandContext,
  flow: string,
  key: string | undefined,
  options: RunOptions,
): Promise<void> {
  const started = await api.schedules.runNow.mutate({
    ...(await find(api, flow, key)),
    idempotencyKey: options.idempotencyKey ?? randomUUID(),
  });
  output.note(`Run ${started.id} of ${flow} r${started.revision}, identity ${started.identity}`);
  const run = options.wait ? await waitForRun(api, started.id) : started;
  output.result(await detailJson(api, run), () => describeRun(run));
  if (options.wait && run.state !== "succeeded") exitWith(exitCodes.failed);
}

/**
 * The schedule that is meant; the key may be left out where the flow has only one.
 * @throws Failure NOT_FOUND when there is none, USAGE when there are several
 */
async function find(
  api: CommandContext["api"],
  flow: string,
  key: string | undefined,
): Promise<{ flow: string; key: string }> {
  if (key !== undefined) return { flow, key };
  const { items } = await api.schedules.list.query({ flow });
  const [first] = items;
  if (first === undefined) throw new Failure("NOT_FOUND", `The flow "${flow}" has no schedule.`);
  if (items.length === 1) return { flow, key: first.key };
  const keys = items.map((schedule) => schedule.key).join(", ");
  throw new Failure("USAGE", `The flow "${flow}" has the schedules ${keys}: name one of them.`);
}

/** The shape that scripts rely on. */
function scheduleJson(schedule: ScheduleView) {
  const { flow, key, state, cron, words, timezone, catchup, overlap, start, end } = schedule;
  const { params, paused, next, last, open, missed } = schedule;
  return {
    flow,
    key,
    state,
    cron,
    words: words?.en ?? null,
    timezone,
    catchup,
    overlap,
    start,
    end,
    params,
    paused,
    next,
    last,
    open,
    missed,
  };
}

function describeSchedule(schedule: ScheduleView): string {
  const lines = [
    `${schedule.flow}, schedule ${schedule.key}  ${schedule.state}`,
    `${schedule.words?.en ?? schedule.cron}  (${schedule.cron}, ${schedule.timezone})`,
  ];
  if (schedule.next.length > 0) lines.push(`next ${schedule.next.join("  ")}`);
  if (schedule.last !== null) lines.push(`last ${lastText(schedule)}`);
  return lines.join("\n");
}

function lastText({ last }: ScheduleView): string {
  if (last === null) return "";
  switch (last.kind) {
    case "run":
      return `${last.held ? "takes its turn" : last.state} (run ${last.run}, ${last.tick})`;
    case "skipped":
      return `skipped for run ${last.run} (${last.tick})`;
    case "failed":
      return `could not fire: ${last.message} (${last.tick})`;
    case "missed":
      return `missed ${last.exact ? "" : "more than "}${last.count} (${last.first} to ${last.last})`;
  }
}
