/** Channels: what each kind needs to be told, and what people see of it. */
import { z } from "zod";
import type { ReceiverFault } from "./receiver-fault.ts";

export const channelKinds = ["webhook", "slack", "email"] as const;
export type ChannelKind = (typeof channelKinds)[number];

export const languages = ["en", "ko"] as const;
export type Language = (typeof languages)[number];

const address = z
  .url({ protocol: /^https?$/, error: "Write an address that begins with https:// or http://." })
  .max(2_000);
const mailbox = z.email("Write an e-mail address such as ops@example.org.").max(320);
const host = z
  .string()
  .regex(/^[A-Za-z0-9.:_-]{1,253}$/, "Write the name or address of the mail server.");

/** Settings that are shown, by kind. Secrets are given beside them and never come back. */
export const channelSettings = {
  webhook: z.strictObject({ url: address }),
  /** The address of a Slack webhook is its secret. */
  slack: z.strictObject({}),
  email: z.strictObject({
    host,
    port: z.int().min(1).max(65_535),
    /** TLS from the first byte; otherwise STARTTLS where the server offers it. */
    tls: z.boolean().default(false),
    user: z.string().max(320).default(""),
    from: mailbox,
    to: z.array(mailbox).min(1).max(50),
  }),
} satisfies Record<ChannelKind, z.ZodType>;

export type WebhookSettings = z.infer<(typeof channelSettings)["webhook"]>;
export type EmailSettings = z.infer<(typeof channelSettings)["email"]>;

export const channelName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9_-]{0,62}$/,
    "A channel is named by small letters, digits, - and _, at most 63.",
  );

const common = {
  name: channelName,
  language: z.enum(languages).default("en"),
  byDefault: z.boolean().default(false),
};

/** A channel as it is asked for. A webhook's secret is generated; an empty password is none. */
export const channelDraft = z.discriminatedUnion("kind", [
  z.strictObject({
    ...common,
    kind: z.literal("webhook"),
    settings: channelSettings.webhook,
  }),
  z.strictObject({
    ...common,
    kind: z.literal("slack"),
    settings: channelSettings.slack,
    /** Absent on a change: as it was. */
    secret: address.optional(),
  }),
  z.strictObject({
    ...common,
    kind: z.literal("email"),
    settings: channelSettings.email,
    secret: z.string().max(1_000).optional(),
  }),
]);
export type ChannelDraft = z.infer<typeof channelDraft>;

export interface ChannelView {
  name: string;
  kind: ChannelKind;
  settings: Record<string, unknown>;
  language: Language;
  byDefault: boolean;
  hasSecret: boolean;
  createdAt: string;
  createdBy: string;
  /** Its newest delivery that has ended or was tried: `waiting` when it is tried again. Or null. */
  last: {
    state: DeliveryState;
    at: string;
    message: string | null;
    fault: ReceiverFault | null;
    /** When it is tried again; null when it is not, or just now. */
    nextTryAt: string | null;
  } | null;
}

export const deliveryStates = ["waiting", "sent", "failed", "dropped"] as const;
export type DeliveryState = (typeof deliveryStates)[number];

export interface DeliveryView {
  id: string;
  channel: string;
  kind: ChannelKind;
  /** Null: a test. */
  event: string | null;
  notice: string | null;
  flow: string | null;
  run: string | null;
  backfill: string | null;
  /** Name of the runner that was lost. */
  runner: string | null;
  state: DeliveryState;
  resentOf: string | null;
  createdBy: string;
  createdAt: string;
  tries: {
    number: number;
    at: string;
    ms: number;
    ok: boolean;
    message: string;
    fault: ReceiverFault | null;
  }[];
  /** When the queue tries it next; null when it does not, or just now. */
  nextTryAt: string | null;
}

export interface DeliveryList {
  items: DeliveryView[];
  next: string | null;
}
