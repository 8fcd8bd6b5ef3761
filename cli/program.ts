/** The commands of `idem`, their arguments and options. */
import { Command, Option } from "commander";
import {
  backfillOrders,
  backfillSteps,
  DEFAULT_CONCURRENCY,
  MAX_CONCURRENCY,
  MAX_ROWS,
  reprocessModes,
} from "#server/core/backfill/states.ts";
import { deliveryStates } from "#server/core/notify/channel.ts";
import { type BulkKind, MAX_BULK_RUNS } from "#server/core/run/bulk-view.ts";
import { type RunState, runStates, runTriggers } from "#server/core/run/states.ts";
import {
  type ListOptions as BackfillListOptions,
  type CreateOptions,
  cancelBackfill,
  createBackfill,
  listBackfills,
  pauseBackfill,
  resumeBackfill,
  retryFailed,
  setConcurrency,
  showBackfill,
} from "./commands/backfills.ts";
import { type BulkOptions, listBulk, showBulk, startBulk, stopBulk } from "./commands/bulk.ts";
import { adviseFlow, listFlows, showFlow } from "./commands/flow.ts";
import { importWfcommons } from "./commands/import.ts";
import {
  type DeliveryOptions,
  listChannels,
  listDeliveries,
  resendDelivery,
  testChannel,
} from "./commands/notify.ts";
import {
  drainRunner,
  listPools,
  listRunners,
  resumeRunner,
  setPool,
  setRunnerSlots,
  showQueue,
} from "./commands/queue.ts";
import { type RerunOptions, rerun } from "./commands/rerun.ts";
import { type RunOptions, runFlow } from "./commands/run.ts";
import {
  cancelRun,
  type ListOptions,
  type LogOptions,
  listRuns,
  showLogs,
  showRun,
} from "./commands/runs.ts";
import {
  listSchedules,
  pauseSchedule,
  resumeSchedule,
  runSchedule,
  type ListOptions as ScheduleListOptions,
  type RunOptions as ScheduleRunOptions,
} from "./commands/schedules.ts";
import { type CommandContext, contextOf, type Surroundings } from "./context.ts";
import { Failure } from "./failure.ts";
import { positiveNumber, wholeNumber } from "./options.ts";
import { collectParam } from "./params.ts";

const MAX_REVISION = 2_147_483_647;
const MAX_PAGE = 200;
const MAX_ATTEMPT = 1_000_000;
const MAX_RUNNER_SLOTS = 1_000;

/** Adds what every command has, and hands its work a context. */
function leaf<Args extends unknown[]>(
  command: Command,
  surroundings: Surroundings,
  work: (context: CommandContext, ...args: Args) => Promise<void>,
): Command {
  return command
    .option("--json", "print one JSON value and nothing else")
    .action((...given: [...Args, Command]) => {
      const args = given.slice(0, -1) as Args;
      return work(contextOf(command, surroundings), ...args);
    });
}

/** @param surroundings where it reads and writes; a test hands in its own */
export function buildProgram(surroundings: Surroundings): Command {
  const program = new Command("idem")
    .description("Same flow, same parameters, same tasks.")
    .showHelpAfterError("(see idem --help)");
  program.exitOverride().configureOutput({
    writeOut: surroundings.streams.out,
    // Errors of usage are told once, by the caller, in the form that was asked for.
    writeErr: () => {},
  });
  addFlowCommands(program.command("flow").description("flows"), surroundings);
  addRunCommands(program, surroundings);
  addRunsCommands(program.command("runs").description("runs"), surroundings);
  addScheduleCommands(program.command("schedules").description("schedules"), surroundings);
  addBackfillCommands(program.command("backfill").description("backfills"), surroundings);
  addBulkCommands(program.command("bulk").description("many runs at once"), surroundings);
  addQueueCommands(program, surroundings);
  addNotifyCommands(program.command("notify").description("channels and deliveries"), surroundings);
  addImportCommands(program.command("import").description("recorded workflows"), surroundings);
  return program;
}

/** Loaded only by the commands that compile: it is most of the program. */
const compiler = () => import("./commands/definitions.ts");

function addFlowCommands(flow: Command, surroundings: Surroundings): void {
  leaf(
    flow
      .command("validate")
      .description("compile definitions here and say what is wrong with them")
      .argument("<file...>"),
    surroundings,
    async (context, files: string[]) => (await compiler()).validateFlows(context, files),
  );
  leaf(
    flow
      .command("push")
      .description("compile definitions here and store them as revisions")
      .argument("<file...>"),
    surroundings,
    async (context, files: string[]) => (await compiler()).pushFlows(context, files),
  );
  leaf(
    flow
      .command("ls")
      .description("list flows")
      .option("--tag <tag>", "only those with this tag")
      .option("--archived", "only archived ones"),
    surroundings,
    (context, options: { tag?: string; archived?: boolean }) => listFlows(context, options),
  );
  leaf(
    flow.command("show").description("show one flow").argument("<flow>"),
    surroundings,
    (context, id: string) => showFlow(context, id),
  );
  leaf(
    flow
      .command("advise")
      .description("say whether its tasks are tried again too often or too seldom")
      .argument("<flow>"),
    surroundings,
    (context, id: string) => adviseFlow(context, id),
  );
}

function addRunCommands(program: Command, surroundings: Surroundings): void {
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
    (context, flow: string, options: RunOptions) => runFlow(context, flow, options),
  );
  leaf(
    program
      .command("rerun")
      .description("rerun a run: the same revision and parameters in a new run")
      .argument("<run>")
      .option("--scope <scope>", "all, failed, or from:<task>", "all")
      .option("--plan", "show what would be done and do nothing")
      .option("--reason <text>", "why a succeeded task with outside effects is run again")
      .option("--idempotency-key <key>", "the same key never makes a second run")
      .option("--wait", "until it has ended; exit code 1 unless it succeeded"),
    surroundings,
    (context, id: string, options: RerunOptions) => rerun(context, id, options),
  );
}

function addRunsCommands(runs: Command, surroundings: Surroundings): void {
  const states = new Option("--state <state...>", "only in these states").choices(runStates);
  leaf(
    runs
      .command("ls")
      .description("list runs, newest first")
      .option("--flow <flow>", "only of this flow")
      .addOption(states)
      .option("--limit <number>", "most rows", wholeNumber(1, MAX_PAGE), 50)
      .option("--cursor <cursor>", "the `next` of the page before"),
    surroundings,
    (context, options: ListOptions & { state?: RunState[] }) => listRuns(context, options),
  );
  leaf(
    runs.command("show").description("show one run").argument("<run>"),
    surroundings,
    (context, id: string) => showRun(context, id),
  );
  leaf(
    runs
      .command("logs")
      .description("print the logs of a run")
      .argument("<run>")
      .option("--task <task>", "only of this task")
      .option("--attempt <number>", "default: the latest", wholeNumber(1, MAX_ATTEMPT))
      .option("-f, --follow", "go on until the attempt has ended"),
    surroundings,
    (context, id: string, options: LogOptions) => {
      if (options.attempt !== undefined && options.task === undefined) {
        throw new Failure("USAGE", "--attempt needs --task.");
      }
      return showLogs(context, id, options);
    },
  );
  leaf(
    runs
      .command("cancel")
      .description("cancel a run")
      .argument("<run>")
      .option("--reason <text>", "recorded with the run"),
    surroundings,
    (context, id: string, options: { reason?: string }) => cancelRun(context, id, options),
  );
}

function addBulkCommands(bulk: Command, surroundings: Surroundings): void {
  const filtered = (kind: BulkKind, what: string) =>
    bulk
      .command(kind)
      .description(what)
      .option("--flow <flow>", "only runs of this flow")
      .addOption(new Option("--state <state...>", "only in these states").choices(runStates))
      .addOption(new Option("--trigger <trigger...>", "only started so").choices(runTriggers))
      .option("--count <number>", "refuse unless so many match", wholeNumber(1, MAX_BULK_RUNS))
      .option("--plan", "count what matches and do nothing")
      .option("--reason <text>", "recorded; needed where effects would be repeated")
      .option("--idempotency-key <key>", "the same key never acts a second time")
      .option("--wait", "until all is done; exit code 1 if something could not be");
  leaf(
    filtered("rerun", "rerun all ended runs that match").addOption(
      new Option("--scope <scope>", "of each rerun").choices(["failed", "all"]).default("failed"),
    ),
    surroundings,
    (context, options: BulkOptions) => startBulk(context, "rerun", options),
  );
  leaf(
    filtered("cancel", "cancel all live runs that match"),
    surroundings,
    (context, options: BulkOptions) => startBulk(context, "cancel", options),
  );
  leaf(bulk.command("ls").description("list bulk actions, newest first"), surroundings, listBulk);
  leaf(
    bulk.command("show").description("show one bulk action").argument("<bulk>"),
    surroundings,
    (context, id: string) => showBulk(context, id),
  );
  leaf(
    bulk.command("stop").description("leave what has not been done").argument("<bulk>"),
    surroundings,
    (context, id: string) => stopBulk(context, id),
  );
}

function addScheduleCommands(schedules: Command, surroundings: Surroundings): void {
  leaf(
    schedules
      .command("ls")
      .description("list schedules with their next ticks, by flow")
      .option("--flow <flow>", "only of this flow")
      .option("--limit <number>", "most rows", wholeNumber(1, MAX_PAGE), 100)
      .option("--cursor <cursor>", "the `next` of the page before"),
    surroundings,
    (context, options: ScheduleListOptions) => listSchedules(context, options),
  );
  // The key may be left out where the flow has one schedule only.
  const of = (name: string, what: string) =>
    schedules.command(name).description(what).argument("<flow>").argument("[key]");
  leaf(
    of("pause", "keep a schedule from firing"),
    surroundings,
    (context, flow: string, key: string | undefined) => pauseSchedule(context, flow, key),
  );
  leaf(
    of("resume", "let a paused schedule fire again"),
    surroundings,
    (context, flow: string, key: string | undefined) => resumeSchedule(context, flow, key),
  );
  leaf(
    of("run", "run what the newest tick of a schedule ran")
      .option("--idempotency-key <key>", "the same key never makes a second run")
      .option("--wait", "until it has ended; exit code 1 unless it succeeded"),
    surroundings,
    (context, flow: string, key: string | undefined, options: ScheduleRunOptions) =>
      runSchedule(context, flow, key, options),
  );
}

function addNotifyCommands(notify: Command, surroundings: Surroundings): void {
  leaf(
    notify.command("ls").description("list channels with their last delivery"),
    surroundings,
    (context) => listChannels(context),
  );
  leaf(
    notify.command("test").description("send a test to a channel").argument("<channel>"),
    surroundings,
    (context, name: string) => testChannel(context, name),
  );
  leaf(
    notify
      .command("deliveries")
      .description("list deliveries with their tries, newest first")
      .option("--channel <channel>", "only to this channel")
      .addOption(new Option("--state <state>", "only in this state").choices(deliveryStates))
      .option("--limit <number>", "most rows", wholeNumber(1, MAX_PAGE), 50)
      .option("--cursor <cursor>", "the `next` of the page before"),
    surroundings,
    (context, options: DeliveryOptions) => listDeliveries(context, options),
  );
  leaf(
    notify
      .command("resend")
      .description("send what a delivery carried once more")
      .argument("<delivery>"),
    surroundings,
    (context, id: string) => resendDelivery(context, id),
  );
}

function addBackfillCommands(backfill: Command, surroundings: Surroundings): void {
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
    (context, flow: string, options: CreateOptions) => createBackfill(context, flow, options),
  );
  leaf(
    backfill
      .command("ls")
      .description("list backfills, newest first")
      .option("--flow <flow>", "only of this flow")
      .option("--limit <number>", "most rows", wholeNumber(1, 100), 50)
      .option("--cursor <cursor>", "the `next` of the page before"),
    surroundings,
    (context, options: BackfillListOptions) => listBackfills(context, options),
  );
  const of = (name: string, description: string) =>
    backfill.command(name).description(description).argument("<backfill>");
  leaf(
    of("show", "show one backfill with its failed intervals").option("--wait", until),
    surroundings,
    (context, id: string, options: { wait?: boolean }) => showBackfill(context, id, options),
  );
  leaf(of("pause", "start nothing more until it is resumed"), surroundings, (context, id: string) =>
    pauseBackfill(context, id),
  );
  leaf(
    of("resume", "go on with a paused backfill").option("--wait", until),
    surroundings,
    (context, id: string, options: { wait?: boolean }) => resumeBackfill(context, id, options),
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
    (
      context,
      id: string,
      options: { running: "leave" | "cancel"; reason?: string; wait?: boolean },
    ) => cancelBackfill(context, id, options),
  );
  leaf(
    of("retry-failed", "rerun the failed tasks of its failed intervals")
      .option("--reason <text>", "why tasks with outside effects are run again")
      .option("--wait", until),
    surroundings,
    (context, id: string, options: { reason?: string; wait?: boolean }) =>
      retryFailed(context, id, options),
  );
}

function addQueueCommands(program: Command, surroundings: Surroundings): void {
  leaf(
    program.command("queue").description("show what waits and why, and pools with their slots"),
    surroundings,
    (context) => showQueue(context),
  );
  const pools = program.command("pools").description("pools");
  leaf(pools.command("ls").description("list pools with their slots"), surroundings, (context) =>
    listPools(context),
  );
  leaf(
    pools
      .command("set")
      .description("give a pool so many slots, or `unlimited`; waiting tasks follow at once")
      .argument("<pool>")
      .argument("<slots>"),
    surroundings,
    (context, pool: string, slots: string) => setPool(context, pool, slots),
  );
  const runners = program.command("runners").description("runners");
  leaf(runners.command("ls").description("list runners with their load"), surroundings, (context) =>
    listRunners(context),
  );
  const of = (name: string, what: string) =>
    runners.command(name).description(what).argument("<runner>");
  leaf(
    of("drain", "let a runner end what it has and take nothing new"),
    surroundings,
    (context, id: string) => drainRunner(context, id),
  );
  leaf(of("resume", "let a drained runner take tasks again"), surroundings, (context, id: string) =>
    resumeRunner(context, id),
  );
  leaf(
    of("slots", "give a runner so many slots until it ends").argument(
      "<slots>",
      "tasks at a time",
      wholeNumber(1, MAX_RUNNER_SLOTS),
    ),
    surroundings,
    (context, id: string, slots: number) => setRunnerSlots(context, id, slots),
  );
}

function addImportCommands(command: Command, surroundings: Surroundings): void {
  leaf(
    command
      .command("wfcommons")
      .description("import recorded workflows in WfFormat 1.5 as flows of waits")
      .argument("<file...>")
      .option("--scale <number>", "multiplies each task's recorded time", positiveNumber, 1),
    surroundings,
    (context, files: string[], options: { scale: number }) =>
      importWfcommons(context, files, options),
  );
}
