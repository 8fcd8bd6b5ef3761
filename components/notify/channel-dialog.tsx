"use client";
import { useMutation } from "@tanstack/react-query";
import { useLocale, useTranslations } from "next-intl";
import { type ComponentProps, useId, useRef, useState } from "react";
import { useTRPC } from "#components/shell/api.tsx";
import { useThrownText } from "#components/shell/error-text.ts";
import { Button } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { describedBy, Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { Select } from "#components/ui/select.tsx";
import type { ChannelKind, ChannelView, Language } from "#server/core/notify/channel.ts";
import { type ChannelForm, draftOf, type FormProblems, formOf } from "./channel-draft.ts";

const kinds: readonly ChannelKind[] = ["webhook", "slack", "email"];
const languages: readonly Language[] = ["en", "ko"];

/**
 * Adds a channel, or changes the one that is given. The owner mounts it when it opens.
 * @param onSaved with the secret of a new webhook, which is shown this once
 */
export function ChannelDialog({
  channel,
  onSaved,
  onClose,
}: {
  channel: ChannelView | null;
  onSaved: (name: string, secret: string | null) => void;
  onClose: () => void;
}) {
  const t = useTranslations("notifications");
  const words = useTranslations("common");
  const locale = useLocale();
  const trpc = useTRPC();
  const textOf = useThrownText();
  const id = useId();
  const first = useRef<HTMLInputElement>(null);
  const [form, setForm] = useState(() => formOf(channel, locale));
  const [problems, setProblems] = useState<FormProblems>({});
  const add = useMutation(
    trpc.notify.add.mutationOptions({ onSuccess: ({ name, secret }) => onSaved(name, secret) }),
  );
  const change = useMutation(
    trpc.notify.change.mutationOptions({ onSuccess: ({ name }) => onSaved(name, null) }),
  );
  const saving = channel === null ? add : change;
  const failure = saving.error === null ? null : textOf(saving.error);
  const set = (part: Partial<ChannelForm>) => setForm((was) => ({ ...was, ...part }));
  const save = () => {
    if (saving.isPending) return;
    const result = draftOf(form, channel?.hasSecret === true);
    if ("draft" in result) {
      setProblems({});
      saving.mutate(result.draft);
    } else setProblems(result.problems);
  };

  const field = (
    key: Exclude<keyof ChannelForm, "kind" | "language" | "byDefault" | "tls">,
    options: { help?: string; required?: boolean } & ComponentProps<"input"> = {},
  ) => {
    const { help, required = true, ...input } = options;
    const problem = key in problems ? problems[key as keyof FormProblems] : undefined;
    const error = problem === undefined ? undefined : t(`problems.${problem}`);
    return (
      <Field
        id={`${id}-${key}`}
        label={t(`fields.${key}`)}
        help={help}
        error={error}
        required={required}
      >
        <Input
          id={`${id}-${key}`}
          value={form[key]}
          autoComplete="off"
          spellCheck={false}
          aria-required={required}
          aria-invalid={error !== undefined}
          aria-describedby={describedBy(`${id}-${key}`, help, error)}
          onChange={(event) => set({ [key]: event.target.value })}
          {...input}
        />
      </Field>
    );
  };
  const check = (key: "byDefault" | "tls") => (
    <div className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-2 text-sm">
      <input
        id={`${id}-${key}`}
        type="checkbox"
        checked={form[key]}
        aria-describedby={`${id}-${key}-help`}
        onChange={(event) => set({ [key]: event.target.checked })}
        className="mt-0.5 size-4 shrink-0 accent-primary"
      />
      <label htmlFor={`${id}-${key}`}>{t(`fields.${key}`)}</label>
      <p id={`${id}-${key}-help`} className="col-start-2 text-muted text-xs">
        {t(`help.${key}`)}
      </p>
    </div>
  );

  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={channel === null ? t("addTitle") : t("editTitle", { name: channel.name })}
      description={t(`kindHint.${form.kind}`)}
      {...(channel === null ? { initialFocus: first } : {})}
      footer={
        <>
          <Button onClick={onClose}>{words("cancel")}</Button>
          <Button
            variant="primary"
            type="submit"
            form={`${id}-form`}
            aria-disabled={saving.isPending}
          >
            {channel === null ? t("addChannel") : t("save")}
          </Button>
        </>
      }
    >
      <form
        id={`${id}-form`}
        noValidate
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        {channel === null ? (
          <>
            {field("name", { ref: first, maxLength: 63, help: t("help.name") })}
            <Field id={`${id}-kind`} label={t("fields.kind")}>
              <Select
                id={`${id}-kind`}
                value={form.kind}
                onChange={(kind) => {
                  set({ kind });
                  setProblems({});
                }}
                options={kinds.map((value) => ({ value, label: t(`kinds.${value}`) }))}
              />
            </Field>
          </>
        ) : null}
        {form.kind === "webhook"
          ? field("url", { inputMode: "url", placeholder: "https://example.org/hooks/idem" })
          : null}
        {form.kind === "slack"
          ? field("slackUrl", {
              inputMode: "url",
              required: channel === null,
              help: t(channel === null ? "help.slackUrl" : "help.keepSlackUrl"),
            })
          : null}
        {form.kind === "email" ? (
          <>
            <div className="grid grid-cols-[minmax(0,1fr)_6rem] items-start gap-3">
              {field("host", { placeholder: "smtp.example.org" })}
              {field("port", { inputMode: "numeric", maxLength: 5 })}
            </div>
            {check("tls")}
            {field("user", { required: false })}
            {field("password", {
              type: "password",
              autoComplete: "new-password",
              required: false,
              ...(channel?.hasSecret === true ? { help: t("help.keepPassword") } : {}),
            })}
            {field("from", { inputMode: "email", placeholder: "idem@example.org" })}
            {field("to", { help: t("help.to"), placeholder: "ops@example.org" })}
          </>
        ) : null}
        <Field id={`${id}-language`} label={t("fields.language")}>
          <Select
            id={`${id}-language`}
            value={form.language}
            onChange={(language) => set({ language })}
            options={languages.map((value) => ({ value, label: t(`languages.${value}`) }))}
          />
        </Field>
        {check("byDefault")}
        {failure === null ? null : (
          <p role="alert" className="rounded-md bg-failed-soft px-3 py-2 text-failed text-sm">
            {[failure.message, failure.fix, failure.detail].filter(Boolean).join(" ")}
          </p>
        )}
      </form>
    </Dialog>
  );
}
