"use client";
import { useTranslations } from "next-intl";
import { zonedParts } from "#components/time/format.ts";
import { useNow } from "#components/time/now.ts";
import { useDurationText, ZonedTime } from "#components/time/time.tsx";
import { cn } from "#components/ui/cn.ts";

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
  const { year, time } = zonedParts(at, zone);
  return (
    <ZonedTime
      at={at}
      zone={zone}
      clock={time.endsWith(":00") ? time.slice(0, 5) : time}
      isThisYear={year === zonedParts(serverNow, zone).year}
      className={className}
    />
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
