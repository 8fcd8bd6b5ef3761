import { z } from "zod";
import { channelDraft, channelName, deliveryStates } from "#server/core/notify/channel.ts";
import { noticeEvents } from "#server/core/notify/view.ts";
import { flowId } from "#server/usecases/runs/inputs.ts";

/** Shapes of what people and programs may ask of channels, deliveries and the inbox. */

const id = z.string().regex(/^[1-9][0-9]{0,17}$/, "Ids are whole numbers.");
const cursor = id.nullish();

export const inboxInput = z
  .object({
    unread: z.boolean().default(false),
    event: z.enum(noticeEvents).optional(),
    flow: flowId.optional(),
    cursor,
    limit: z.int().min(1).max(200).default(50),
  })
  .strict();
export type InboxInput = z.infer<typeof inboxInput>;

/** Some notices, or all up to one that was seen. */
export const markReadInput = z.union([
  z.object({ ids: z.array(id).min(1).max(500) }).strict(),
  z.object({ upTo: id }).strict(),
]);
export type MarkReadInput = z.infer<typeof markReadInput>;

export const channelInput = channelDraft;
export const channelNameInput = z.object({ name: channelName }).strict();
export type ChannelNameInput = z.infer<typeof channelNameInput>;

export const deliveriesInput = z
  .object({
    channel: channelName.optional(),
    state: z.enum(deliveryStates).optional(),
    cursor,
    limit: z.int().min(1).max(200).default(50),
  })
  .strict();
export type DeliveriesInput = z.infer<typeof deliveriesInput>;

export const resendInput = z.object({ id }).strict();
export type ResendInput = z.infer<typeof resendInput>;
