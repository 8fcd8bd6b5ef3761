import type { Command } from "commander";
import type { FlowDetail, FlowSummary } from "#server/core/flow/view.ts";
import type { RetryAdvice, TaskRetryAdvice } from "#server/core/run/advice-view.ts";
import type { SizeAdviceList } from "#server/core/run/size-view.ts";
import type { CommandContext, Surroundings } from "../context.ts";
import { leaf } from "../leaf.ts";
import { table } from "../output.ts";

/** Loaded only by the commands that compile: it is most of the program. */
const compiler = () => import("./definitions.ts");

export function addFlowCommands(program: Command, surroundings: Surroundings): void {
  const flow = program.command("flow").description("check, store, list and show flows");
  leaf(
    flow
      .command("validate")
      .description("compile definitions here and say what is wrong with them")
      .argument("<file...>")
      .option(
        "--online",
        "ask Idem whether the flows that tasks run are there, not only the files",
      ),
    surroundings,
    async (context, files: string[], options: { online?: boolean }) =>
      (await compiler()).validateFlows(context, files, options),
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
    listFlows,
  );
  leaf(
    flow.command("show").description("show one flow").argument("<flow>"),
    surroundings,
    showFlow,
  );
  leaf(
    flow
      .command("advise")
      .description(
        "say whether its tasks are tried again too often or too seldom, or are too small",
      )
      .argument("<flow>"),
    surroundings,
    adviseFlow,
  );
}

function flowJson(flow: FlowSummary) {
  return {
    id: flow.id,
    revision: flow.revision,
    hash: flow.revisionHash,
    tasks: flow.taskCount,
    origin: flow.origin,
  };
}

/** `idem flow ls` */
async function listFlows(
  { api, output }: CommandContext,
  { tag, archived }: { tag?: string; archived?: boolean },
): Promise<void> {
  const { items, broken } = await api.flows.list.query({
    ...(tag === undefined ? {} : { tag }),
    ...(archived === undefined ? {} : { archived }),
  });
  output.result({ items: items.map(flowJson), next: null }, () => {
    const rows = items.map((flow) => [
      flow.id,
      `r${flow.revision}`,
      String(flow.taskCount),
      flow.lastRuns.at(-1)?.state ?? "–",
      flow.problems.length > 0 ? `${flow.problems.length} problems in ${flow.sourcePath}` : "",
    ]);
    return table(["FLOW", "REVISION", "TASKS", "LAST RUN", "PROBLEMS"], rows);
  });
  for (const { path, problems } of broken) {
    output.note(`${path} is no flow yet: ${problems.length} problems, see idem flow validate`);
  }
}

/** `idem flow show <flow>` */
async function showFlow({ api, output }: CommandContext, id: string): Promise<void> {
  const flow = await api.flows.get.query({ id });
  output.result({ ...flowJson(flow), spec: flow.spec }, () => describeFlow(flow));
}

/** `idem flow advise <flow>`: retries and sizes of its tasks, with the evidence for each verdict. */
async function adviseFlow({ api, output }: CommandContext, id: string): Promise<void> {
  const [retries, sizes] = await Promise.all([
    api.flows.retryAdvice.query({ id }),
    api.flows.sizeAdvice.query({ id }),
  ]);
  const value = { ...retries, sizes: sizes.items };
  output.result(value, () => `${describeAdvice(retries)}\n\n${describeSizes(sizes)}`);
}

function describeSizes({ items, minTaskRuns }: SizeAdviceList): string {
  if (items.length === 0) {
    return `No small tasks, as far as runs of at least ${minTaskRuns} alike task runs show.`;
  }
  const rows = items.map(({ of, taskRuns, overhead, startUpMs, workMs, batch, spanMs, thenMs }) => [
    of.kind === "list" ? of.task : `all of type ${of.type}`,
    "too small",
    String(taskRuns),
    `${Math.round(overhead * 100)}%`,
    `${startUpMs.toFixed(1)} ms`,
    `${workMs.toFixed(1)} ms`,
    String(batch),
    `${Math.round(spanMs)} ms → ${Math.round(thenMs)} ms`,
  ]);
  const head = ["TASK", "SIZE", "TASK RUNS", "OVERHEAD", "START", "WORK", "BATCH", "WOULD TAKE"];
  return table(head, rows);
}

function describeAdvice({ runs, tasks, minFailures }: RetryAdvice): string {
  if (tasks.length === 0) return `No task has failed in the newest ${runs} runs.`;
  const rows = tasks.map((task) => [
    task.task,
    verdictText(task, minFailures),
    String(task.attempts),
    task.proposed === null ? "" : String(task.proposed),
    String(task.failures),
    task.chances
      .map(({ attempt, tries, successes }) => `${attempt}: ${successes}/${tries}`)
      .join("  "),
  ]);
  return table(["TASK", "RETRIES", "ATTEMPTS", "PROPOSED", "FAILURES", "SUCCESSES"], rows);
}

function verdictText({ verdict, silence }: TaskRetryAdvice, minFailures: number): string {
  if (verdict !== null) return verdict.replace("_", " ");
  return silence === "few_failures" ? `fewer than ${minFailures} failures` : "never retried";
}

function describeFlow(flow: FlowDetail): string {
  const lines = [`${flow.id} r${flow.revision}  ${flow.revisionHash}`];
  if (flow.name !== null) lines.push(flow.name);
  if (flow.description !== null) lines.push(flow.description);
  for (const [name, schema] of Object.entries(flow.spec.params)) {
    lines.push(`param ${name}: ${JSON.stringify(schema)}`);
  }
  const rows = flow.graph.tasks.map((task) => [task.id, task.type, task.needs.join(", ")]);
  return [...lines, "", table(["TASK", "TYPE", "NEEDS"], rows)].join("\n");
}
