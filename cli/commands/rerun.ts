import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import type { RerunPlan, RerunPlanTask, RerunReason } from "#server/core/run/rerun-view.ts";
import type { CommandContext, Surroundings } from "../context.ts";
import { exitCodes } from "../failure.ts";
import { leaf } from "../leaf.ts";
import { table } from "../output.ts";
import { describeRun, detailJson } from "../run-json.ts";
import { waitForRun } from "../wait.ts";

export function addRerunCommand(program: Command, surroundings: Surroundings): void {
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
    rerun,
  );
}

interface RerunOptions {
  scope: string;
  plan?: boolean;
  reason?: string;
  idempotencyKey?: string;
  wait?: boolean;
}

/** `idem rerun <run>`: shows the plan, or sends it back by its hash so that it is what happens. */
async function rerun(
  { api, output, exitWith }: CommandContext,
  id: string,
  options: RerunOptions,
): Promise<void> {
  const { scope } = options;
  const plan = await api.runs.rerunPlan.query({ id, scope });
  if (options.plan) {
    output.result(plan, () => describePlan(plan));
    return;
  }
  const created = await api.runs.rerun.mutate({
    id,
    scope,
    planHash: plan.hash,
    ...(options.reason === undefined ? {} : { reason: options.reason }),
    idempotencyKey: options.idempotencyKey ?? randomUUID(),
  });
  const { verdict, identity } = created.certificate;
  output.note(`Run ${created.id} is a rerun of ${id}: ${verdict}, identity ${identity}`);
  const run = options.wait
    ? await waitForRun(api, created.id)
    : await api.runs.get.query({ id: created.id });
  const json = { ...(await detailJson(api, run)), certificate: created.certificate };
  output.result(json, () => describeRun(run));
  if (options.wait && run.state !== "succeeded") exitWith(exitCodes.failed);
}

function describePlan(plan: RerunPlan): string {
  const { run, reuse, skip } = plan.counts;
  const rows = plan.tasks.map((task) => [task.id, task.action, reasonText(task)]);
  return [
    `Rerun of ${plan.run}, scope ${plan.scope}: ${run} to run, ${reuse} to reuse, ${skip} to skip`,
    `${plan.certificate.verdict}, identity ${plan.certificate.identity}`,
    "",
    table(["TASK", "ACTION", "REASON"], rows),
  ].join("\n");
}

function reasonText(task: RerunPlanTask): string {
  const text = words(task.reason);
  return task.guarded
    ? `${text}; needs a reason, for its effects do not replace the old ones`
    : text;
}

function words(reason: RerunReason): string {
  switch (reason.kind) {
    case "scope_all":
      return "everything is run";
    case "not_succeeded":
      return `it was ${reason.state.replaceAll("_", " ")}`;
    case "depends_on":
      return `it depends on ${reason.task}`;
    case "from_task":
      return "the rerun begins here";
    case "succeeded":
      return `it succeeded in run ${reason.run}`;
    case "was_skipped":
      return "it was skipped";
  }
}
