"use client";
import { useTranslations } from "next-intl";
import { CopyButton } from "#components/ui/copy-button.tsx";
import type { Json } from "#server/core/flow/spec.ts";

/** Characters shown before the reader asks for the rest: an output may be a megabyte. */
const SHOWN = 20_000;

/** A JSON value, indented, as text. */
export function JsonBlock({ value, label }: { value: Json; label: string }) {
  const t = useTranslations("run");
  const text = JSON.stringify(value, null, 2);
  return (
    <div className="group relative rounded-md border bg-canvas">
      <CopyButton
        text={text}
        label={t("copyJson", { what: label })}
        className="absolute top-1 right-1"
      />
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take the focus
        tabIndex={0}
        aria-label={label}
        className="max-h-96 overflow-auto p-3 pr-10"
      >
        <pre className="whitespace-pre-wrap break-all text-xs leading-5">
          {text.length > SHOWN ? `${text.slice(0, SHOWN)}\n…` : text}
        </pre>
      </section>
    </div>
  );
}
