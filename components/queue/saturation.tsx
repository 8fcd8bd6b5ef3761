"use client";
import { useTranslations } from "next-intl";
import { cn } from "#components/ui/cn.ts";
import type { Saturation } from "#server/core/queue/view.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** From here on it is worth a colour. */
const OFTEN = 0.5;

/** How long something was full, in words. */
export function SaturationText({
  full,
  what = "full",
}: {
  full: Saturation;
  what?: "full" | "allSlots";
}) {
  const t = useTranslations("queue");
  const percent = Math.round(full.share * 100);
  const minutes = Math.max(1, Math.round(full.ofMs / MINUTE_MS));
  // Samples come every few seconds: nearly an hour of them is an hour.
  const isHour = full.ofMs >= HOUR_MS * 0.98;
  const window = isHour ? t("window.hour") : t("window.minutes", { minutes });
  if (percent === 0) {
    return <span className="text-faint">{t(`${what}.never`, { window })}</span>;
  }
  return (
    <span className={cn(full.share >= OFTEN ? "text-orange" : "text-muted")}>
      {t(`${what}.share`, { percent, window })}
    </span>
  );
}
