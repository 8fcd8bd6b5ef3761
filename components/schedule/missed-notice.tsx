"use client";
import { CalendarX2 } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ScheduleView } from "#server/core/schedule/view.ts";
import { TickTime } from "./tick-time.tsx";

/** Says which ticks passed while nothing ran, and what was made of them. */
export function MissedNotice({
  schedule,
  serverNow,
}: {
  schedule: ScheduleView;
  serverNow: string;
}) {
  const t = useTranslations("schedules");
  const { missed, timezone } = schedule;
  if (missed === null) return null;
  const time = (at: string) => () => <TickTime at={at} zone={timezone} serverNow={serverNow} />;
  const key = missed.exact ? (missed.count === 1 ? "missedTick" : "missedTicks") : "missedMany";
  return (
    <p className="flex items-start gap-2 rounded-md bg-orange-soft px-2.5 py-1.5 text-orange text-xs">
      <CalendarX2 aria-hidden className="mt-px size-3.5 shrink-0" />
      <span className="[&_span]:text-inherit">
        {t.rich(key, {
          count: missed.count,
          first: time(missed.first),
          last: time(missed.last),
        })}{" "}
        {t("startedAfter", { count: missed.started })}
      </span>
    </p>
  );
}
