import { type Command, Option } from "commander";
import {
  type ChannelView,
  type DeliveryState,
  type DeliveryView,
  deliveryStates,
} from "#server/core/notify/channel.ts";
import type { CommandContext, Surroundings } from "../context.ts";
import { leaf, MAX_PAGE } from "../leaf.ts";
import { wholeNumber } from "../options.ts";
import { table } from "../output.ts";

export function addNotifyCommands(program: Command, surroundings: Surroundings): void {
  const notify = program
    .command("notify")
    .description("list and test channels, list and resend deliveries");
  leaf(
    notify.command("ls").description("list channels with their last delivery"),
    surroundings,
    listChannels,
  );
  leaf(
    notify.command("test").description("send a test to a channel").argument("<channel>"),
    surroundings,
    testChannel,
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
    listDeliveries,
  );
  leaf(
    notify
      .command("resend")
      .description("send what a delivery carried once more")
      .argument("<delivery>"),
    surroundings,
    resendDelivery,
  );
}

/** `idem notify ls`: channels by name, without their secrets. */
async function listChannels({ api, output }: CommandContext): Promise<void> {
  const channels = await api.notify.channels.query();
  output.result({ items: channels.map(channelJson) }, () =>
    table(
      ["NAME", "KIND", "DEFAULT", "LAST", "AT"],
      channels.map(({ name, kind, byDefault, last }) => [
        name,
        kind,
        byDefault ? "yes" : "no",
        last?.state ?? "",
        last?.at ?? "",
      ]),
    ),
  );
}

/** `idem notify test <channel>` */
async function testChannel({ api, output }: CommandContext, name: string): Promise<void> {
  const { delivery } = await api.notify.test.mutate({ name });
  output.result({ delivery }, () => `Delivery ${delivery}, a test for ${name}, is on its way.`);
}

interface DeliveryOptions {
  channel?: string;
  state?: DeliveryState;
  limit: number;
  cursor?: string;
}

/** `idem notify deliveries`: newest first. */
async function listDeliveries(
  { api, output }: CommandContext,
  { channel, state, cursor, limit }: DeliveryOptions,
): Promise<void> {
  const page = await api.notify.deliveries.query({
    ...(channel === undefined ? {} : { channel }),
    ...(state === undefined ? {} : { state }),
    ...(cursor === undefined ? {} : { cursor }),
    limit,
  });
  output.result({ items: page.items.map(deliveryJson), next: page.next }, () => {
    const rows = page.items.map((delivery) => {
      const { id, channel, event, state, tries, createdAt } = delivery;
      return [
        id,
        channel,
        event ?? "test",
        aboutOf(delivery),
        state,
        String(tries.length),
        createdAt,
        tries.at(-1)?.message ?? "",
      ];
    });
    const text = table(
      ["ID", "CHANNEL", "EVENT", "ABOUT", "STATE", "TRIES", "CREATED", "ANSWER"],
      rows,
    );
    return page.next === null ? text : `${text}\nMore: --cursor ${page.next}`;
  });
}

/** `idem notify resend <delivery>` */
async function resendDelivery({ api, output }: CommandContext, id: string): Promise<void> {
  const { delivery } = await api.notify.resend.mutate({ id });
  output.result({ delivery }, () => `Delivery ${delivery} sends ${id} again.`);
}

/** The shapes that scripts rely on. */
function channelJson({ name, kind, settings, language, byDefault, last }: ChannelView) {
  return { name, kind, settings, language, byDefault, last };
}

/** What a delivery tells of, in a word: a run, a backfill, a flow or a runner; nothing for a test. */
function aboutOf({ run, backfill, flow, runner }: DeliveryView): string {
  if (run !== null) return `run ${run}`;
  if (backfill !== null) return `backfill ${backfill}`;
  return flow ?? runner ?? "";
}

function deliveryJson(delivery: DeliveryView) {
  const { id, channel, kind, event, notice, flow, run, backfill, runner } = delivery;
  const { state, resentOf, createdAt, tries } = delivery;
  const about = { event, notice, flow, run, backfill, runner };
  return { id, channel, kind, ...about, state, resentOf, createdAt, tries };
}
