"use client";
import { useTranslations } from "next-intl";
import { zonedIso, zonedParts } from "#components/time/format.ts";
import { useNow } from "#components/time/now.ts";
import { useDurationText } from "#components/time/time.tsx";
import { cn } from "#components/ui/cn.ts";

type MonthKey = `time.months.${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12}`;

/**
 * A tick on the wall clock of its schedule's zone, whatever zone other times are shown in: that is
 * the clock that the pattern speaks of. Seconds are left out where they are zero.
 */
export function TickTime({
  at,
  zone,
  serverNow,
  className,
}: {
  at: string;
  zone: string;
  serverNow: string;
  className?: string;
}) {
  const t = useTranslations("common");
  const parts = zonedParts(at, zone);
  const thisYear = zonedParts(serverNow, zone).year === parts.year;
  return (
    <time
      dateTime={at}
      title={`${zonedIso(at, zone)} (${zone})`}
      className={cn("whitespace-nowrap", className)}
    >
      {t(thisYear ? "time.thisYear" : "time.otherYear", {
        year: String(parts.year),
        month: t(`time.months.${parts.month}` as MonthKey),
        day: String(parts.day),
        time: parts.time.endsWith(":00") ? parts.time.slice(0, 5) : parts.time,
      })}
      <span className="text-[0.85em] text-faint"> {parts.offset}</span>
    </time>
  );
}

/** How long until a tick, counting down. */
export function UntilTick({
  at,
  serverNow,
  className,
}: {
  at: string;
  serverNow: string;
  className?: string;
}) {
  const t = useTranslations();
  const write = useDurationText();
  const left = Date.parse(at) - useNow(serverNow);
  // Whole seconds to the end: tenths would only flicker.
  const duration =
    left < 10_000
      ? t("common.duration.seconds", { s: String(Math.floor(left / 1_000)) })
      : write(left);
  return (
    <span className={cn("whitespace-nowrap", className)}>
      {left < 1_000 ? t("schedules.due") : t("schedules.in", { duration })}
    </span>
  );
}
