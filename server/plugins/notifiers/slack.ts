import type { Notifier } from "#server/plugins/notifier-sdk.ts";
import { post } from "./post.ts";

/** What Slack reads as markup. */
const plain = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** A Slack incoming webhook. Its address is the secret. */
export const slack: Notifier<Record<string, never>> = {
  async send({ message }, { secret, signal }) {
    if (secret === null) throw new Error("The Slack channel has no address.");
    const { title, lines, link } = message;
    const text = [`*${plain(title)}*`, ...lines.map(plain), `<${link}>`].join("\n");
    return post(secret, {}, JSON.stringify({ text }), signal);
  },
};
