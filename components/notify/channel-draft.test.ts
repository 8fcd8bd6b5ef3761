import { describe, expect, it } from "vitest";
import { type ChannelView, channelDraft } from "#server/core/notify/channel.ts";
import { draftOf, formOf } from "./channel-draft.ts";

const empty = formOf(null, "en");

const mail: ChannelView = {
  name: "team",
  kind: "email",
  settings: {
    host: "mail.example.org",
    port: 465,
    tls: true,
    user: "idem",
    from: "idem@example.org",
    to: ["a@example.org", "b@example.org"],
  },
  language: "ko",
  byDefault: false,
  hasSecret: true,
  createdAt: "2026-01-01T00:00:00.000Z",
  createdBy: "operator",
  last: null,
};

describe("draftOf", () => {
  it("asks for what the server takes, for each kind", () => {
    const forms = [
      { ...empty, name: "hook", url: " https://example.org/hook " },
      { ...empty, kind: "slack", name: "slack", slackUrl: "https://hooks.example.org/x" },
      {
        ...empty,
        kind: "email",
        name: "team",
        host: "mail.example.org",
        from: "idem@example.org",
        to: "a@example.org; b@example.org\nc@example.org",
      },
    ] as const;
    for (const form of forms) {
      const result = draftOf(form, false);
      expect("draft" in result && channelDraft.safeParse(result.draft).success).toBe(true);
    }
  });

  it("keeps everything of a channel that is opened and saved, and sends no secret", () => {
    const result = draftOf(formOf(mail, "en"), true);
    const { name, kind, settings, language, byDefault } = mail;
    expect(result).toEqual({ draft: { name, kind, settings, language, byDefault } });
  });

  it("names what is wrong by field", () => {
    expect(draftOf({ ...empty, name: "No Spaces", url: "ftp://x" }, false)).toEqual({
      problems: { name: "name", url: "address" },
    });
    const wrong = { ...empty, kind: "email", name: "a", port: "0", to: "a@x.org, nobody" } as const;
    expect(draftOf(wrong, false)).toEqual({
      problems: { host: "required", port: "port", from: "mailbox", to: "mailbox" },
    });
  });

  it("asks for the address of a new Slack channel only", () => {
    const form = { ...empty, kind: "slack", name: "slack" } as const;
    expect(draftOf(form, false)).toEqual({ problems: { slackUrl: "address" } });
    expect(draftOf(form, true)).toMatchObject({ draft: { kind: "slack" } });
  });
});
