/** The one list of the kinds of channels. */
import { type ChannelKind, channelSettings } from "#server/core/notify/channel.ts";
import type { Notification, NotifierContext } from "#server/plugins/notifier-sdk.ts";
import { email } from "./email.ts";
import { slack } from "./slack.ts";
import { webhook } from "./webhook.ts";

type Send = (notification: Notification, context: NotifierContext<unknown>) => Promise<string>;

/** How to tell a channel of each kind. Settings are read as its schema says. */
export const notifiers: Readonly<Record<ChannelKind, Send>> = {
  webhook: (notification, context) =>
    webhook.send(notification, {
      ...context,
      settings: channelSettings.webhook.parse(context.settings),
    }),
  slack: (notification, context) => slack.send(notification, { ...context, settings: {} }),
  email: (notification, context) =>
    email.send(notification, {
      ...context,
      settings: channelSettings.email.parse(context.settings),
    }),
};
