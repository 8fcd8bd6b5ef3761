"use client";
import { ChevronRight } from "lucide-react";
import { useTranslations } from "next-intl";
import { Button } from "#components/ui/button.tsx";
import type { FlowCalendar } from "#server/core/run/calendar-view.ts";

/** Which part of a year is shown that has more intervals than fit, and the way to the others. */
export function CalendarParts({
  calendar: { year, since, rest },
  onGo,
}: {
  calendar: FlowCalendar;
  /** Told the first day of a part; null for that of the year. */
  onGo: (since: string | null) => void;
}) {
  const t = useTranslations("backfills.calendar");
  if (since === null && rest === null) return null;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5 rounded-lg border bg-surface px-3 py-2 text-sm">
      <p role="status" className="min-w-0 flex-1">
        {since === null
          ? t("partFirst", { year: String(year), rest: rest ?? "" })
          : rest === null
            ? t("partLast", { year: String(year), since })
            : t("part", { year: String(year), since, rest })}
      </p>
      {since === null ? null : (
        <Button size="sm" onClick={() => onGo(null)}>
          {t("fromStart", { year: String(year) })}
        </Button>
      )}
      {rest === null ? null : (
        <Button size="sm" onClick={() => onGo(rest)}>
          {t("goOn", { day: rest })}
          <ChevronRight aria-hidden />
        </Button>
      )}
    </div>
  );
}
