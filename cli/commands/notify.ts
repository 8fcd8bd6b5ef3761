import type { ChannelView, DeliveryState, DeliveryView } from "#server/core/notify/channel.ts";
import type { CommandContext } from "../context.ts";
import { table } from "../output.ts";

/** `idem notify ls`: channels by name, without their secrets. */
export async function listChannels({ api, output }: CommandContext): Promise<void> {
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
export async function testChannel({ api, output }: CommandContext, name: string): Promise<void> {
  const { delivery } = await api.notify.test.mutate({ name });
  output.result({ delivery }, () => `Delivery ${delivery}, a test for ${name}, is on its way.`);
}

export interface DeliveryOptions {
  channel?: string;
  state?: DeliveryState;
  limit: number;
  cursor?: string;
}

/** `idem notify deliveries`: newest first. */
export async function listDeliveries(
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
    const rows = page.items.map(({ id, channel, event, run, state, tries, createdAt }) => [
      id,
      channel,
      event ?? "test",
      run ?? "",
      state,
      String(tries.length),
      createdAt,
      tries.at(-1)?.message ?? "",
    ]);
    const text = table(
      ["ID", "CHANNEL", "EVENT", "RUN", "STATE", "TRIES", "CREATED", "ANSWER"],
      rows,
    );
    return page.next === null ? text : `${text}\nMore: --cursor ${page.next}`;
  });
}

/** `idem notify resend <delivery>` */
export async function resendDelivery({ api, output }: CommandContext, id: string): Promise<void> {
  const { delivery } = await api.notify.resend.mutate({ id });
  output.result({ delivery }, () => `Delivery ${delivery} sends ${id} again.`);
}

/** The shapes that scripts rely on. */
function channelJson({ name, kind, settings, language, byDefault, last }: ChannelView) {
  return { name, kind, settings, language, byDefault, last };
}

function deliveryJson(delivery: DeliveryView) {
  const { id, channel, kind, event, notice, flow, run, state, resentOf, createdAt, tries } =
    delivery;
  return { id, channel, kind, event, notice, flow, run, state, resentOf, createdAt, tries };
}
