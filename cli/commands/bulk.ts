import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { BulkKind, BulkView } from "#server/core/run/bulk-view.ts";
import type { RunState, RunTrigger } from "#server/core/run/states.ts";
import type { RunFilter } from "#server/core/run/view.ts";
import type { Api } from "../api.ts";
import type { CommandContext } from "../context.ts";
import { exitCodes, Failure } from "../failure.ts";
import { table } from "../output.ts";

const POLL_MS = 250;
const SHOWN_ITEMS = 50;

export interface BulkOptions {
  flow?: string;
  state?: RunState[];
  trigger?: RunTrigger[];
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
export async function startBulk(
  context: CommandContext,
  kind: BulkKind,
  options: BulkOptions,
): Promise<void> {
  const { api, output, exitWith } = context;
  const filter = filterOf(options);
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
export async function showBulk(context: CommandContext, id: string): Promise<void> {
  await show(context, await context.api.bulk.get.query({ id }));
}

/** `idem bulk ls` */
export async function listBulk({ api, output }: CommandContext): Promise<void> {
  const { items } = await api.bulk.list.query();
  output.result({ items, next: null }, () =>
    table(
      ["BULK", "KIND", "DONE", "SKIPPED", "FAILED", "TOTAL", "CREATED"],
      items.map((bulk) => [
        bulk.id,
        bulk.kind,
        ...[bulk.counts.done, bulk.counts.skipped, bulk.counts.failed, bulk.total].map(String),
        bulk.createdAt,
      ]),
    ),
  );
}

/** `idem bulk stop <bulk>`: what has been done stays done. */
export async function stopBulk(context: CommandContext, id: string): Promise<void> {
  await show(context, await context.api.bulk.stop.mutate({ id }));
}

async function show({ api, output }: CommandContext, bulk: BulkView): Promise<void> {
  const { items } = await api.bulk.items.query({ id: bulk.id, limit: SHOWN_ITEMS });
  output.result({ ...bulk, items }, () => {
    const { done, skipped, failed, pending } = bulk.counts;
    const rows = items.map((item) => [
      item.run,
      item.flow,
      item.state,
      item.newRun ?? "",
      item.message ?? "",
    ]);
    return [
      `bulk ${bulk.id}  ${bulk.kind}${bulk.scope === null ? "" : ` ${bulk.scope}`}  ${bulk.total} runs`,
      `${done} done, ${skipped} skipped, ${failed} failed, ${pending} to do`,
      "",
      table(["RUN", "FLOW", "STATE", "NEW RUN", "WHY"], rows),
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

function filterOf({ flow, state, trigger }: BulkOptions): RunFilter {
  return {
    ...(flow === undefined ? {} : { flow }),
    ...(state === undefined ? {} : { state }),
    ...(trigger === undefined ? {} : { trigger }),
  };
}
