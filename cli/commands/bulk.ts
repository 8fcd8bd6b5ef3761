import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Command, Option } from "commander";
import { type BulkKind, type BulkView, MAX_BULK_RUNS } from "#server/core/run/bulk-view.ts";
import type { Api } from "../api.ts";
import type { CommandContext, Surroundings } from "../context.ts";
import { exitCodes, Failure } from "../failure.ts";
import { leaf } from "../leaf.ts";
import { wholeNumber } from "../options.ts";
import { table } from "../output.ts";
import { addRunFilter, type RunFilterOptions, runFilterOf } from "../run-filter.ts";

const POLL_MS = 250;
const SHOWN_ITEMS = 50;
const MAX_LISTED = 100;

export function addBulkCommands(program: Command, surroundings: Surroundings): void {
  const bulk = program.command("bulk").description("rerun or cancel all runs that match");
  const filtered = (kind: BulkKind, what: string) =>
    addRunFilter(bulk.command(kind).description(what))
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
  leaf(
    bulk
      .command("ls")
      .description("list bulk actions, newest first")
      .option("--limit <number>", "most rows", wholeNumber(1, MAX_LISTED), 25)
      .option("--cursor <cursor>", "the `next` of the page before"),
    surroundings,
    listBulk,
  );
  leaf(
    bulk.command("show").description("show one bulk action").argument("<bulk>"),
    surroundings,
    showBulk,
  );
  leaf(
    bulk.command("stop").description("leave what has not been done").argument("<bulk>"),
    surroundings,
    stopBulk,
  );
}

interface BulkOptions extends RunFilterOptions {
  scope?: "all" | "failed";
  reason?: string;
  /** Refused unless exactly so many runs match. */
  count?: number;
  /** Only counts. */
  plan?: boolean;
  idempotencyKey?: string;
  wait?: boolean;
}

/** `idem bulk rerun|cancel`: counts what matches, then acts on exactly that. */
async function startBulk(
  context: CommandContext,
  kind: BulkKind,
  options: BulkOptions,
): Promise<void> {
  const { api, output, exitWith } = context;
  const filter = runFilterOf(options);
  const { count, highWater } = await api.bulk.preview.query({ kind, filter });
  if (options.plan === true) {
    output.result({ kind, count, highWater }, () => `${count} runs match`);
    return;
  }
  if (options.count !== undefined && options.count !== count) {
    throw new Failure("STALE_PLAN", `${count} runs match, not ${options.count}.`, {
      fix: "Look with --plan, then send the count that it says.",
    });
  }
  if (count === 0) {
    throw new Failure("NOTHING_TO_RUN", "No run matches.", { fix: "Widen the filter." });
  }
  const { reason, scope = "failed" } = options;
  const order = {
    filter,
    count,
    highWater,
    idempotencyKey: options.idempotencyKey ?? randomUUID(),
    ...(reason === undefined ? {} : { reason }),
  };
  const started = await api.bulk.start.mutate(
    kind === "rerun" ? { kind, scope, ...order } : { kind, ...order },
  );
  const bulk = options.wait === true ? await waitForBulk(api, started.id) : started;
  await show(context, bulk);
  if (options.wait === true && bulk.counts.failed > 0) exitWith(exitCodes.failed);
}

/** `idem bulk show <bulk>` */
async function showBulk(context: CommandContext, id: string): Promise<void> {
  await show(context, await context.api.bulk.get.query({ id }));
}

/** `idem bulk ls` */
async function listBulk(
  { api, output }: CommandContext,
  { limit, cursor }: { limit: number; cursor?: string },
): Promise<void> {
  const page = { limit, ...(cursor === undefined ? {} : { cursor }) };
  const { items, next } = await api.bulk.list.query(page);
  output.result({ items, next }, () =>
    table(
      ["BULK", "KIND", "DONE", "SKIPPED", "FAILED", "TOTAL", "CREATED", "FILTER"],
      items.map((bulk) => [
        bulk.id,
        bulk.kind,
        ...[bulk.counts.done, bulk.counts.skipped, bulk.counts.failed, bulk.total].map(String),
        bulk.createdAt,
        JSON.stringify(bulk.filter),
      ]),
    ),
  );
}

/** `idem bulk stop <bulk>`: what has been done stays done. */
async function stopBulk(context: CommandContext, id: string): Promise<void> {
  await show(context, await context.api.bulk.stop.mutate({ id }));
}

async function show({ api, output }: CommandContext, bulk: BulkView): Promise<void> {
  const { items } = await api.bulk.items.query({ id: bulk.id, limit: SHOWN_ITEMS });
  output.result({ ...bulk, items }, () => {
    const { done, skipped, failed, pending } = bulk.counts;
    const rows = items.map((item) => [
      item.run,
      item.flow,
      item.interval === null ? "" : `[${item.interval.start}, ${item.interval.end})`,
      item.state,
      item.newRun ?? "",
      item.message ?? "",
    ]);
    return [
      `bulk ${bulk.id}  ${bulk.kind}${bulk.scope === null ? "" : ` ${bulk.scope}`}  ${bulk.total} runs`,
      `of ${JSON.stringify(bulk.filter)}`,
      `${done} done, ${skipped} skipped, ${failed} failed, ${pending} to do`,
      "",
      table(["RUN", "FLOW", "INTERVAL", "STATE", "NEW RUN", "WHY"], rows),
    ].join("\n");
  });
}

async function waitForBulk(api: Api, id: string): Promise<BulkView> {
  for (;;) {
    const bulk = await api.bulk.get.query({ id });
    if (bulk.finishedAt !== null || bulk.stoppedAt !== null) return bulk;
    await sleep(POLL_MS);
  }
}
