"use client";
import { useTranslations } from "next-intl";
import { StatusIcon } from "#components/status/status.tsx";
import { statusLook, toneClass } from "#components/status/status-look.ts";
import { useNumberText } from "#components/time/time.tsx";
import { cn } from "#components/ui/cn.ts";
import { type BackfillState, isRowEnded, type RowCounts } from "#server/core/backfill/states.ts";
import { backfillLook, shownRowStates } from "./row-look.ts";

/** Icon and word of a backfill's state in a tinted badge. */
export function BackfillBadge({ state }: { state: BackfillState }) {
  const t = useTranslations("backfills.state");
  const look = backfillLook[state];
  const tone = toneClass[statusLook[look].tone];
  return (
    <span
      data-state={state}
      className={cn(
        "inline-flex h-5.5 shrink-0 items-center gap-1 whitespace-nowrap rounded-md px-1.5 font-medium text-xs",
        tone.text,
        tone.soft,
      )}
    >
      <StatusIcon state={look} className="size-3.5" />
      {t(state)}
    </span>
  );
}

/** How far a backfill is: a bar of its rows by state, and done of all in numbers. */
export function BackfillProgress({
  counts,
  total,
  className,
}: {
  counts: RowCounts;
  total: number;
  className?: string;
}) {
  const t = useTranslations("backfills");
  const number = useNumberText();
  const ended = shownRowStates.reduce(
    (sum, state) => sum + (isRowEnded(state) ? counts[state] : 0),
    0,
  );
  return (
    <span className={cn("flex min-w-0 items-center gap-2", className)}>
      <span
        aria-hidden
        className="flex h-2 min-w-16 flex-1 overflow-hidden rounded-full bg-fill-strong"
      >
        {shownRowStates.map((state) =>
          counts[state] === 0 || state === "waiting" ? null : (
            <span
              key={state}
              style={{ width: `${(counts[state] / total) * 100}%` }}
              className={cn(
                toneClass[statusLook[state].tone].solid,
                statusLook[state].outline && "opacity-40",
              )}
            />
          ),
        )}
      </span>
      <span className="whitespace-nowrap sm:min-w-24 text-right text-faint text-xs tabular-nums">
        <span className="sr-only">{t("ended", { ended, total })}</span>
        <span aria-hidden>
          {number(ended)}/{number(total)}
        </span>
      </span>
    </span>
  );
}
