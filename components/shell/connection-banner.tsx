"use client";
import { WifiOff } from "lucide-react";
import { useTranslations } from "next-intl";
import { useConnectionLost } from "./live.tsx";

/** Says that the page may be out of date, from three seconds after a cut until it has caught up. */
export function ConnectionBanner() {
  const t = useTranslations("common.connection");
  const lost = useConnectionLost();
  return (
    <div role="status">
      {lost ? (
        <p className="flex flex-wrap items-center justify-center gap-x-2 bg-yellow-soft px-3 py-1.5 text-sm text-yellow">
          <WifiOff aria-hidden className="size-4" />
          <strong className="font-medium">{t("lost")}</strong>
          <span>{t("lostHint")}</span>
        </p>
      ) : null}
    </div>
  );
}
