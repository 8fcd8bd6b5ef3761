"use client";
import { CircleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import { type FormEvent, type KeyboardEvent, type ReactNode, useRef } from "react";
import { useShortcut } from "#components/shell/shortcuts.tsx";
import { Button, ButtonLink } from "#components/ui/button.tsx";
import { Kbd } from "#components/ui/kbd.tsx";

/**
 * The frame of a form that asks the server for something once: it is sent by its button, by Enter or
 * by ⌘ Enter, leads to the first field that is wrong, and shows a refusal that belongs to no field.
 */
export function RequestForm({
  submit,
  refusal,
  cancelHref,
  onSend,
  children,
}: {
  submit: { icon: ReactNode; text: string; shortcut: string; isBusy: boolean };
  /** Null while there is none. */
  refusal: string | null;
  cancelHref: string;
  /** @returns false when fields are wrong and nothing was sent */
  onSend: () => boolean;
  children: ReactNode;
}) {
  const t = useTranslations("runForm");
  const element = useRef<HTMLFormElement>(null);
  const send = () => {
    if (submit.isBusy || onSend()) return;
    // The fields draw their errors first.
    requestAnimationFrame(() =>
      element.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus(),
    );
  };
  useShortcut({ keys: "mod+enter", label: submit.shortcut, inFields: true, run: send });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    send();
  };
  /** In Safari the Enter that ends a composition arrives after it, known by its code alone. */
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter") return;
    if (event.nativeEvent.isComposing || event.nativeEvent.keyCode === 229) event.preventDefault();
  };
  return (
    <form
      ref={element}
      noValidate
      onSubmit={onSubmit}
      onKeyDown={onKeyDown}
      className="grid min-w-0 max-w-3xl gap-4"
    >
      {children}
      {refusal === null ? null : (
        <p
          role="alert"
          className="flex items-start gap-2 rounded-md bg-failed-soft px-3 py-2 text-failed text-sm"
        >
          <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          {refusal}
        </p>
      )}
      <div className="flex flex-wrap items-center gap-2">
        <Button type="submit" variant="primary" aria-disabled={submit.isBusy}>
          {submit.icon}
          {submit.text}
          <Kbd keys="mod+enter" hint inverse className="hidden sm:inline-flex" />
        </Button>
        <ButtonLink variant="ghost" href={cancelHref}>
          {t("cancel")}
        </ButtonLink>
      </div>
    </form>
  );
}
