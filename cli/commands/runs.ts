import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import type { LogLine } from "#server/core/run/attempt-view.ts";
import { isRunEnded } from "#server/core/run/states.ts";
import type { RunDetail } from "#server/core/run/view.ts";
import type { CommandContext, Surroundings } from "../context.ts";
import { Failure } from "../failure.ts";
import { leaf, MAX_PAGE } from "../leaf.ts";
import { wholeNumber } from "../options.ts";
import { duration, type Output, table } from "../output.ts";
import { addRunFilter, type RunFilterOptions, runFilterOf } from "../run-filter.ts";
import { describeRun, detailJson, summaryJson } from "../run-json.ts";

const MAX_ATTEMPT = 1_000_000;
const PAGE_LINES = 2_000;
const POLL_MS = 250;

export function addRunsCommands(program: Command, surroundings: Surroundings): void {
  const runs = program.command("runs").description("list, show, follow and cancel runs");
  leaf(
    addRunFilter(runs.command("ls").description("list runs, newest first"))
      .option("--limit <number>", "most rows", wholeNumber(1, MAX_PAGE), 50)
      .option("--cursor <cursor>", "the `next` of the page before"),
    surroundings,
    listRuns,
  );
  leaf(runs.command("show").description("show one run").argument("<run>"), surroundings, showRun);
  leaf(
    runs
      .command("logs")
      .description("print the logs of a run")
      .argument("<run>")
      .option("--task <task>", "only of this task")
      .option("--attempt <number>", "default: the latest", wholeNumber(1, MAX_ATTEMPT))
      .option("-f, --follow", "go on until the attempt has ended"),
    surroundings,
    showLogs,
  );
  leaf(
    runs
      .command("cancel")
      .description("cancel a run")
      .argument("<run>")
      .option("--reason <text>", "recorded with the run"),
    surroundings,
    cancelRun,
  );
}

interface ListOptions extends RunFilterOptions {
  limit: number;
  cursor?: string;
}

/** `idem runs ls`: newest first. */
async function listRuns(
  { api, output }: CommandContext,
  { limit, cursor, ...filter }: ListOptions,
): Promise<void> {
  const page = await api.runs.list.query({
    filter: runFilterOf(filter),
    limit,
    ...(cursor === undefined ? {} : { cursor }),
  });
  output.result({ items: page.items.map(summaryJson), next: page.next }, () => {
    const rows = page.items.map((run) => [
      run.id,
      `${run.flow} r${run.revision}`,
      run.state,
      duration(run.startedAt, run.finishedAt, page.now),
      run.createdAt,
      run.firstError === null ? "" : `${run.firstError.task}: ${run.firstError.message}`,
    ]);
    const text = table(["RUN", "FLOW", "STATE", "TIME", "CREATED", "ERROR"], rows);
    return page.next === null ? text : `${text}\nMore: --cursor ${page.next}`;
  });
}

/** `idem runs show <run>` */
async function showRun({ api, output }: CommandContext, id: string): Promise<void> {
  const run = await api.runs.get.query({ id });
  const waits = isRunEnded(run.state) ? null : await api.runs.waits.query({ id });
  output.result(await detailJson(api, run, waits), () => describeRun(run, waits));
}

/** `idem runs cancel <run>` */
async function cancelRun(
  { api, output }: CommandContext,
  id: string,
  { reason }: { reason?: string },
): Promise<void> {
  await api.runs.cancel.mutate({ id, ...(reason === undefined ? {} : { reason }) });
  const run = await api.runs.get.query({ id });
  output.result(await detailJson(api, run), () => describeRun(run));
}

interface LogOptions {
  task?: string;
  attempt?: number;
  follow?: boolean;
}

interface TaskLogLine extends LogLine {
  task: string;
  attempt: number;
}

/** `idem runs logs <run>`: of one task, or of each task in the order of the flow. */
async function showLogs(context: CommandContext, id: string, options: LogOptions): Promise<void> {
  if (options.attempt !== undefined && options.task === undefined) {
    throw new Failure("USAGE", "--attempt needs --task.");
  }
  const run = await context.api.runs.get.query({ id });
  const collected: TaskLogLine[] = [];
  for (const { task, attempt } of chooseLogs(run, options)) {
    const prefix = options.task === undefined ? `${task}: ` : "";
    await readLog(context, { id, task, attempt, follow: options.follow === true }, (lines) => {
      if (context.output.json) {
        for (const line of lines) collected.push({ task, attempt, ...line });
      } else {
        printLines(context.output, prefix, lines);
      }
    });
  }
  context.output.result({ items: collected, next: null }, () => "");
}

/** What the task wrote goes to standard output, what Idem remarks to standard error. */
function printLines(output: Output, prefix: string, lines: readonly LogLine[]): void {
  const written = lines.filter(({ stream }) => stream !== "notice");
  output.stream(written.map(({ text }) => `${prefix}${text}\n`).join(""));
  for (const { stream, text } of lines) if (stream === "notice") output.note(`${prefix}${text}`);
}

/** @throws Failure NOT_FOUND when the task is unknown or has had no such attempt */
function chooseLogs(
  run: RunDetail,
  { task: wanted, attempt }: LogOptions,
): { task: string; attempt: number }[] {
  if (wanted === undefined) {
    return run.tasks
      .filter((task) => task.attempt > 0)
      .map((task) => ({ task: task.id, attempt: task.attempt }));
  }
  const task = run.tasks.find(({ id }) => id === wanted);
  if (task === undefined) {
    throw new Failure("NOT_FOUND", `Run ${run.id} has no task "${wanted}".`);
  }
  if (task.attempt === 0 || (attempt ?? 1) > task.attempt) {
    throw new Failure("NOT_FOUND", `The task "${wanted}" has had ${task.attempt} attempts.`);
  }
  return [{ task: wanted, attempt: attempt ?? task.attempt }];
}

interface LogKey {
  id: string;
  task: string;
  attempt: number;
  /** Wait for more until the attempt has ended. */
  follow: boolean;
}

async function readLog(
  { api }: CommandContext,
  { id, task, attempt, follow }: LogKey,
  take: (lines: LogLine[]) => void,
): Promise<void> {
  let from = 1;
  for (;;) {
    const page = await api.runs.log.query({ id, task, attempt, from, count: PAGE_LINES });
    take(page.lines);
    from += page.lines.length;
    if (from <= page.total) continue;
    if (page.complete || !follow) return;
    await sleep(POLL_MS);
  }
}
