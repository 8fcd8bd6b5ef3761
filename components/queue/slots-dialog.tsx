"use client";
import { useTranslations } from "next-intl";
import { useId, useRef, useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { describedBy, Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";

/**
 * Asks for a number of slots. The owner mounts it when it opens, so that it begins with what is so now.
 * @param unlimited whether "no limit" can be chosen
 */
export function SlotsDialog({
  title,
  description,
  slots,
  least,
  most,
  unlimited,
  busy,
  error,
  onSave,
  onClose,
}: {
  title: string;
  description: string;
  slots: number | null;
  least: number;
  most: number;
  unlimited: boolean;
  busy: boolean;
  error: string | null;
  onSave: (slots: number | null) => void;
  onClose: () => void;
}) {
  const t = useTranslations("queue.edit");
  const words = useTranslations("common");
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(slots === null ? "" : String(slots));
  const [tried, setTried] = useState(false);
  const value = text.trim();
  const number = /^[0-9]{1,6}$/.test(value) ? Number(value) : null;
  const fits = number !== null && number >= least && number <= most;
  const isOpenEnd = unlimited && value === "";
  const problem = tried && !fits && !isOpenEnd ? t("range", { least, most }) : null;
  const save = () => {
    setTried(true);
    if (busy) return;
    if (isOpenEnd) onSave(null);
    else if (fits) onSave(number);
    else input.current?.focus();
  };
  const help = unlimited ? t("help") : undefined;
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={title}
      description={description}
      className="max-w-sm"
      initialFocus={input}
      footer={
        <>
          <Button onClick={onClose}>{words("cancel")}</Button>
          <Button variant="primary" type="submit" form={`${id}-form`} aria-disabled={busy}>
            {t("save")}
          </Button>
        </>
      }
    >
      <form
        id={`${id}-form`}
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <Field id={id} label={t("slots")} help={help} error={problem ?? error}>
          <Input
            ref={input}
            id={id}
            inputMode="numeric"
            autoComplete="off"
            value={text}
            maxLength={6}
            placeholder={unlimited ? t("unlimited") : ""}
            onChange={(event) => setText(event.target.value)}
            aria-invalid={problem !== null || error !== null}
            aria-describedby={describedBy(id, help, problem ?? error)}
          />
        </Field>
      </form>
    </Dialog>
  );
}
