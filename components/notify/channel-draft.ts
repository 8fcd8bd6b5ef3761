/** What stands in the form of a channel, and the channel that it asks for. */
import type {
  ChannelDraft,
  ChannelKind,
  ChannelView,
  Language,
} from "#server/core/notify/channel.ts";

export interface ChannelForm {
  name: string;
  kind: ChannelKind;
  language: Language;
  byDefault: boolean;
  url: string;
  slackUrl: string;
  host: string;
  port: string;
  tls: boolean;
  user: string;
  password: string;
  from: string;
  to: string;
}

/** Fields that can be wrong before the server is asked. */
export type FormProblems = Partial<
  Record<"name" | "url" | "slackUrl" | "host" | "port" | "from" | "to", FormProblem>
>;
export type FormProblem = "name" | "address" | "required" | "port" | "mailbox";

const text = (value: unknown) => (typeof value === "string" ? value : "");

/** The form of a channel that is changed, or of a new one. Secrets never come back. */
export function formOf(channel: ChannelView | null, language: Language): ChannelForm {
  const settings = channel?.settings ?? {};
  const to = Array.isArray(settings.to) ? settings.to.map(text) : [];
  return {
    name: channel?.name ?? "",
    kind: channel?.kind ?? "webhook",
    language: channel?.language ?? language,
    byDefault: channel?.byDefault ?? true,
    url: text(settings.url),
    slackUrl: "",
    host: text(settings.host),
    port: typeof settings.port === "number" ? String(settings.port) : "587",
    tls: settings.tls === true,
    user: text(settings.user),
    password: "",
    from: text(settings.from),
    to: to.join(", "),
  };
}

/** Recipients, with commas, spaces or lines between them. */
const recipients = (list: string) => list.split(/[\s,;]+/).filter((one) => one !== "");

function addressProblem(value: string): FormProblem | null {
  const protocol = URL.canParse(value) ? new URL(value).protocol : "";
  return protocol === "https:" || protocol === "http:" ? null : "address";
}

const isMailbox = (value: string) => /^[^\s@]+@[^\s@]+$/.test(value);

/**
 * @param keepsSecret whether a secret that is left empty stays as it was
 * @returns the channel, or what is wrong by field
 */
export function draftOf(
  form: ChannelForm,
  keepsSecret: boolean,
): { draft: ChannelDraft } | { problems: FormProblems } {
  const problems: FormProblems = {};
  const { kind, language, byDefault } = form;
  const common = { name: form.name.trim(), language, byDefault };
  if (!/^[a-z0-9][a-z0-9_-]{0,62}$/.test(common.name)) problems.name = "name";
  const done = (draft: ChannelDraft) =>
    Object.keys(problems).length === 0 ? { draft } : { problems };
  switch (kind) {
    case "webhook": {
      const url = form.url.trim();
      const wrong = addressProblem(url);
      if (wrong !== null) problems.url = wrong;
      return done({ ...common, kind, settings: { url } });
    }
    case "slack": {
      const secret = form.slackUrl.trim();
      const wrong = secret === "" && keepsSecret ? null : addressProblem(secret);
      if (wrong !== null) problems.slackUrl = wrong;
      return done({ ...common, kind, settings: {}, ...(secret === "" ? {} : { secret }) });
    }
    case "email": {
      const host = form.host.trim();
      const from = form.from.trim();
      const to = recipients(form.to);
      const port = /^[0-9]{1,5}$/.test(form.port.trim()) ? Number(form.port) : 0;
      if (host === "") problems.host = "required";
      if (port < 1 || port > 65_535) problems.port = "port";
      if (!isMailbox(from)) problems.from = "mailbox";
      if (to.length === 0 || !to.every(isMailbox)) problems.to = "mailbox";
      return done({
        ...common,
        kind,
        settings: { host, port, tls: form.tls, user: form.user.trim(), from, to },
        ...(form.password === "" ? {} : { secret: form.password }),
      });
    }
  }
}
