"use client";
import { useTranslations } from "next-intl";

/** Slots in use of all slots of a runner. */
export function SlotMeter({ running, slots }: { running: number; slots: number }) {
  const t = useTranslations("runners");
  const share = slots === 0 ? 0 : Math.min(1, running / slots);
  return (
    <span className="inline-flex items-center gap-2">
      <span aria-hidden className="h-1.5 w-12 sm:w-20 overflow-hidden rounded-full bg-fill-strong">
        <span
          className="block h-full rounded-full bg-running-solid"
          style={{ width: `${share * 100}%` }}
        />
      </span>
      <span className="whitespace-nowrap text-faint text-xs">
        <span className="sr-only">{t("slotsInUse", { running, slots })}</span>
        <span aria-hidden>
          {running}/{slots}
        </span>
      </span>
    </span>
  );
}
