import { procedure, router } from "#server/trpc/init.ts";
import {
  addChannel,
  changeChannel,
  getDelivering,
  listChannels,
  listDeliveries,
  removeChannel,
  resend,
  rotateSecret,
  testChannel,
} from "#server/usecases/notify/channels.ts";
import { getUnread, listInbox, markRead } from "#server/usecases/notify/inbox.ts";
import {
  channelInput,
  channelNameInput,
  deliveriesInput,
  inboxInput,
  markReadInput,
  resendInput,
} from "#server/usecases/notify/inputs.ts";

export const inboxRouter = router({
  list: procedure
    .input(inboxInput.prefault({}))
    .query(({ ctx, input }) => listInbox(ctx.deps, ctx.actor, input)),
  unread: procedure.query(({ ctx }) => getUnread(ctx.deps, ctx.actor)),
  markRead: procedure
    .input(markReadInput)
    .mutation(({ ctx, input }) => markRead(ctx.deps, ctx.actor, input)),
});

export const notifyRouter = router({
  channels: procedure.query(({ ctx }) => listChannels(ctx.deps, ctx.actor)),
  add: procedure
    .input(channelInput)
    .mutation(({ ctx, input }) => addChannel(ctx.deps, ctx.actor, input)),
  change: procedure
    .input(channelInput)
    .mutation(({ ctx, input }) => changeChannel(ctx.deps, ctx.actor, input)),
  rotate: procedure
    .input(channelNameInput)
    .mutation(({ ctx, input }) => rotateSecret(ctx.deps, ctx.actor, input)),
  remove: procedure
    .input(channelNameInput)
    .mutation(({ ctx, input }) => removeChannel(ctx.deps, ctx.actor, input)),
  test: procedure
    .input(channelNameInput)
    .mutation(({ ctx, input }) => testChannel(ctx.deps, ctx.actor, input)),
  delivering: procedure.query(({ ctx }) => getDelivering(ctx.deps, ctx.actor)),
  deliveries: procedure
    .input(deliveriesInput.prefault({}))
    .query(({ ctx, input }) => listDeliveries(ctx.deps, ctx.actor, input)),
  resend: procedure
    .input(resendInput)
    .mutation(({ ctx, input }) => resend(ctx.deps, ctx.actor, input)),
});
