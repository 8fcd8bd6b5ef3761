"use client";
import { useTranslations } from "next-intl";
import { cn } from "#components/ui/cn.ts";
import { RowIcon } from "#components/ui/sprite.tsx";
import { type AnyState, statusLook, toneClass } from "./status-look.ts";

/** The icon alone. Give `label` only where no word stands beside it. */
export function StatusIcon({
  state,
  className,
  label,
}: {
  state: AnyState;
  className?: string;
  label?: string;
}) {
  const look = statusLook[state];
  return (
    <RowIcon
      shape={look.icon}
      {...(label === undefined ? { "aria-hidden": true } : { role: "img", "aria-label": label })}
      strokeWidth={2.25}
      className={cn(
        "size-4 shrink-0",
        toneClass[look.tone].text,
        look.spins && "spin-calm",
        state === "cancelled" && "fill-current",
        className,
      )}
    />
  );
}

/** Icon and word in a tinted (or outlined) badge. */
export function StatusBadge({ state, className }: { state: AnyState; className?: string }) {
  const t = useTranslations("common");
  const look = statusLook[state];
  const tone = toneClass[look.tone];
  return (
    <span
      data-state={state}
      className={cn(
        "inline-flex h-5.5 shrink-0 items-center gap-1 whitespace-nowrap rounded-md border px-1.5 font-medium text-xs",
        tone.text,
        look.outline ? tone.line : cn("border-transparent", tone.soft),
        className,
      )}
    >
      <StatusIcon state={state} className="size-3.5" />
      {t(`state.${state}`)}
    </span>
  );
}

/** Icon and word without a box, for dense rows. */
export function StatusText({ state, className }: { state: AnyState; className?: string }) {
  const t = useTranslations("common");
  const look = statusLook[state];
  return (
    <span
      data-state={state}
      className={cn(
        "inline-flex items-center gap-1.5 whitespace-nowrap align-middle font-medium text-sm",
        toneClass[look.tone].text,
        className,
      )}
    >
      <StatusIcon state={state} />
      {t(`state.${state}`)}
    </span>
  );
}

/** A square with the icon on the state's solid colour, for matrices. The owner names it. */
export function StatusCell({ state, className }: { state: AnyState; className?: string }) {
  const look = statusLook[state];
  const tone = toneClass[look.tone];
  return (
    <span
      aria-hidden
      data-state={state}
      className={cn(
        "flex size-5 items-center justify-center rounded-sm border",
        look.outline ? cn(tone.line, tone.text) : cn("border-transparent", tone.soft, tone.text),
        className,
      )}
    >
      <RowIcon
        shape={look.icon}
        strokeWidth={2.5}
        className={cn(
          "size-3",
          look.spins && "spin-calm",
          state === "cancelled" && "size-2 fill-current",
        )}
      />
    </span>
  );
}
