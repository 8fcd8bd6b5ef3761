"use client";
import { RotateCw } from "lucide-react";
import { useTranslations } from "next-intl";

/** Says in a list that a run succeeded, but not at the first try. */
export function Recovered() {
  const t = useTranslations("run");
  return (
    <span className="ml-2 inline-flex items-center gap-1 whitespace-nowrap text-xs text-yellow">
      <RotateCw aria-hidden className="size-3" />
      {t("recoveredShort")}
    </span>
  );
}
