import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type BackfillOrder,
  type BackfillStep,
  isBackfillEnded,
  type Reprocess,
  rowStates,
} from "#server/core/backfill/states.ts";
import type {
  BackfillDetail,
  BackfillPause,
  BackfillPlan,
  BackfillRowView,
  BackfillSummary,
} from "#server/core/backfill/view.ts";
import type { Json } from "#server/core/flow/spec.ts";
import type { Api } from "../api.ts";
import type { CommandContext } from "../context.ts";
import { exitCodes, Failure } from "../failure.ts";
import { table } from "../output.ts";
import { readParams } from "../params.ts";

const POLL_MS = 500;
/** Rows of a plan, and failed rows, that people are shown. */
const SHOWN = 20;

export interface CreateOptions {
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
export async function createBackfill(
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

export interface ListOptions {
  flow?: string;
  limit: number;
  cursor?: string;
}

/** `idem backfill ls`: newest first. */
export async function listBackfills(
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
export async function showBackfill(
  context: CommandContext,
  id: string,
  { wait = false }: { wait?: boolean },
): Promise<void> {
  await tell(context, await context.api.backfills.get.query({ id }), wait);
}

/** `idem backfill pause <id>` */
export async function pauseBackfill(context: CommandContext, id: string): Promise<void> {
  await tell(context, await context.api.backfills.pause.mutate({ id }), false);
}

/** `idem backfill resume <id>` */
export async function resumeBackfill(
  context: CommandContext,
  id: string,
  { wait = false }: { wait?: boolean },
): Promise<void> {
  await tell(context, await context.api.backfills.resume.mutate({ id }), wait);
}

/** `idem backfill concurrency <id> <number>` */
export async function setConcurrency(
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
export async function cancelBackfill(
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
export async function retryFailed(
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
  output.result({ ...shown, failed: failed.items }, () => describe(shown, failed.items));
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

function describePlan(plan: BackfillPlan): string {
  const { run, skip } = plan.counts;
  const reasons = Object.entries(plan.reasons).filter(([, count]) => count > 0);
  const lines = [
    `Plan ${plan.id} of ${plan.flow} r${plan.revision}: ${run} to run, ${skip} to skip`,
    reasons.map(([kind, count]) => `${count} ${kind}`).join(", "),
    `hash ${plan.hash}`,
  ];
  if (plan.range !== null) {
    lines.push(`intervals from ${plan.range.start} to ${plan.range.end} (${plan.timezone})`);
  }
  if (plan.guarded.rows > 0) {
    lines.push(
      `${plan.guarded.rows} repeat effects of ${plan.guarded.tasks.join(", ")}: needs --reason`,
    );
  }
  const rows = plan.rows.items
    .slice(0, SHOWN)
    .map((row) => [subjectText(row), row.decision, reasonText(row)]);
  const more = plan.total > SHOWN ? `\n… and ${plan.total - SHOWN} more` : "";
  return `${[...lines, "", table(["INTERVAL", "DECISION", "REASON"], rows)].join("\n")}${more}`;
}

function describe(backfill: BackfillDetail, failed: readonly BackfillRowView[]): string {
  const counts = rowStates.filter((state) => backfill.counts[state] > 0);
  const lines = [
    `backfill ${backfill.id}  ${backfill.flow} r${backfill.revision}  ${backfill.state}${pauseText(backfill.pause)}`,
    rangeText(backfill),
    `${counts.map((state) => `${backfill.counts[state]} ${state}`).join(", ")} of ${backfill.total}`,
    `at most ${backfill.concurrency} at a time, ${backfill.order}, reprocess ${backfill.reprocess}`,
  ];
  if (backfill.perHour !== null) {
    const eta = backfill.eta === null ? "" : `, done by ${backfill.eta}`;
    lines.push(`${Math.round(backfill.perHour)} an hour${eta}`);
  }
  if (failed.length === 0) return lines.join("\n");
  const rows = failed.map((row) => [
    subjectText(row),
    row.run ?? "",
    row.problem ?? row.firstError?.message ?? "",
  ]);
  return [...lines, "", table(["FAILED", "RUN", "ERROR"], rows)].join("\n");
}

function rangeText({ range, total, timezone }: BackfillSummary): string {
  return range === null ? `${total} sets` : `${range.start} to ${range.end} (${timezone})`;
}

function subjectText({ interval, params }: BackfillRowView): string {
  return interval === null ? JSON.stringify(params) : interval.start;
}

function reasonText({ reason, guarded }: BackfillRowView): string {
  const run = reason.run === null ? "" : ` (run ${reason.run})`;
  return `${reason.kind}${run}${guarded ? "; repeats effects outside" : ""}`;
}

function pauseText(pause: BackfillPause | null): string {
  switch (pause?.kind) {
    case undefined:
      return "";
    case "person":
      return ` by ${pause.by}`;
    case "canary":
      return ` since ${pause.failed} of the first did not succeed`;
    case "failures":
      return ` after ${pause.failed} failures`;
    case "archived":
      return " since the flow is archived";
    case "fault":
      return `: ${pause.message}`;
  }
}
