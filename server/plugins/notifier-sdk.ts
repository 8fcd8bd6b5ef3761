/** Contract between the delivery of notifications and the kinds of channels. */
import type { Message } from "#server/core/notify/message.ts";
import type { NoticeView } from "#server/core/notify/view.ts";

/** One try to tell one channel. */
export interface Notification {
  /** The same for every try of a delivery, so that a receiver knows one that it has had. */
  id: string;
  /** Null: a test. */
  notice: NoticeView | null;
  message: Message;
}

export interface NotifierContext<Settings> {
  settings: Settings;
  /** Decrypted; null when the channel has none. */
  secret: string | null;
  /** Aborted when the try has taken too long. */
  signal: AbortSignal;
}

export interface Notifier<Settings = unknown> {
  /** @throws Error with a sentence that names no secret */
  send(notification: Notification, context: NotifierContext<Settings>): Promise<string>;
}
