import { Webhook } from "standardwebhooks";
import type { WebhookSettings } from "#server/core/notify/channel.ts";
import type { Notifier } from "#server/plugins/notifier-sdk.ts";
import { post } from "./post.ts";

/** JSON signed as Standard Webhooks says: headers webhook-id, webhook-timestamp, webhook-signature. */
export const webhook: Notifier<WebhookSettings> = {
  async send({ id, notice, message }, { settings, secret, signal }) {
    if (secret === null) throw new Error("The webhook has no secret to sign with.");
    const at = new Date();
    const { title, lines, link } = message;
    const body = JSON.stringify({
      type: notice === null ? "test" : notice.event,
      timestamp: notice?.at ?? at.toISOString(),
      data: {
        title,
        text: lines.join("\n"),
        url: link,
        flow: notice?.flow ?? null,
        run: notice?.run ?? null,
        backfill: notice?.backfill ?? null,
        detail: notice?.detail ?? {},
      },
    });
    const headers = {
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
      "webhook-signature": new Webhook(secret).sign(id, at, body),
    };
    return post(settings.url, headers, body, signal);
  },
};
