import type { Command } from "commander";
import type { PoolView, QueueView, Saturation } from "#server/core/queue/view.ts";
import type { CommandContext, Surroundings } from "../context.ts";
import { Failure } from "../failure.ts";
import { leaf } from "../leaf.ts";
import { duration, table } from "../output.ts";
import { backfillWaitText, waitText } from "../wait-text.ts";

export function addQueueCommands(program: Command, surroundings: Surroundings): void {
  leaf(
    program.command("queue").description("show what waits and why, and pools with their slots"),
    surroundings,
    showQueue,
  );
  const pools = program.command("pools").description("list pools and give them slots");
  leaf(pools.command("ls").description("list pools with their slots"), surroundings, listPools);
  leaf(
    pools
      .command("set")
      .description("give a pool so many slots, or `unlimited`; waiting tasks follow at once")
      .argument("<pool>")
      .argument("<slots>"),
    surroundings,
    setPool,
  );
}

/** `idem queue` */
async function showQueue({ api, output }: CommandContext): Promise<void> {
  const queue = await api.queue.get.query();
  const { points: _, ...value } = queue;
  output.result(value, () => describeQueue(queue));
}

/** `idem pools ls` */
async function listPools({ api, output }: CommandContext): Promise<void> {
  const pools = await api.pools.list.query();
  output.result({ items: pools, next: null }, () => poolTable(pools));
}

/** `idem pools set <pool> <slots>`; `unlimited` takes the limit away. */
async function setPool(
  { api, output }: CommandContext,
  pool: string,
  slots: string,
): Promise<void> {
  const isNumber = /^[0-9]{1,5}$/.test(slots);
  if (!isNumber && slots !== "unlimited") {
    throw new Failure("USAGE", `The slots of a pool are a whole number or "unlimited".`);
  }
  const view = await api.pools.set.mutate({ pool, slots: isNumber ? Number(slots) : null });
  output.result(view, () => poolTable([view]));
}

function describeQueue(queue: QueueView): string {
  const rate = queue.perMinute === null ? "" : `, ${Math.round(queue.perMinute)} per minute`;
  const lines = [
    `${queue.ready} ready, ${queue.running} of ${queue.slots} slots in use, ${queue.retryWait} wait for a retry, ${queue.held} runs held${rate}`,
  ];
  if (queue.oldestReadyAt !== null) {
    lines.push(`the oldest waits for ${duration(queue.oldestReadyAt, null, queue.now)}`);
  }
  lines.push("", poolTable(queue.pools));
  const waiting = queue.groups.map((group) => [
    group.pool,
    group.label ?? "",
    String(group.ready),
    duration(group.oldestReadyAt, null, queue.now),
    group.waits.map(waitText).join("; "),
  ]);
  if (waiting.length > 0) {
    lines.push("", table(["POOL", "LABEL", "READY", "OLDEST", "WHY"], waiting));
  }
  const held = queue.heldFlows.map((flow) => [
    flow.flow,
    String(flow.held),
    String(flow.active),
    flow.limit === null ? "their turn" : `at most ${flow.limit} active`,
  ]);
  if (held.length > 0) lines.push("", table(["FLOW", "HELD", "ACTIVE", "WAITS FOR"], held));
  const backfills = queue.backfills.map((backfill) => [
    backfill.id,
    backfill.flow,
    String(backfill.waiting),
    backfillWaitText(backfill.waits),
  ]);
  if (backfills.length > 0) {
    lines.push("", table(["BACKFILL", "FLOW", "WAITING", "WHY"], backfills));
  }
  return lines.join("\n");
}

function poolTable(pools: readonly PoolView[]): string {
  return table(
    ["POOL", "SLOTS", "RUNNING", "READY", "FULL"],
    pools.map((pool) => [
      pool.name,
      pool.slots === null ? "unlimited" : String(pool.slots),
      String(pool.running),
      String(pool.ready),
      fullText(pool.full),
    ]),
  );
}

function fullText(full: Saturation | null): string {
  if (full === null) return "";
  const minutes = Math.max(1, Math.round(full.ofMs / 60_000));
  return `${Math.round(full.share * 100)}% of the last ${minutes === 1 ? "minute" : `${minutes} min`}`;
}
