"use client";
import { TriangleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import { CopyButton } from "#components/ui/copy-button.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";

const START = "npm start";

function StartCommand() {
  const t = useTranslations("runners");
  return (
    <span className="inline-flex items-center gap-1 rounded-md border bg-fill py-0.5 pr-0.5 pl-2.5">
      <code className="text-text text-xs">{START}</code>
      <CopyButton text={START} label={t("copyStart")} />
    </span>
  );
}

/** No runner is up: tasks wait, and this is how to start one. */
export function NoRunner({ compact = false }: { compact?: boolean }) {
  const t = useTranslations("runners");
  if (compact) {
    return (
      <div className="grid justify-items-start gap-2 bg-orange-soft px-3 py-2.5 text-orange text-sm">
        <p className="flex items-center gap-2">
          <TriangleAlert aria-hidden className="size-4 shrink-0" />
          {t("none")}
        </p>
        <StartCommand />
      </div>
    );
  }
  return (
    <EmptyState icon={<TriangleAlert />} title={t("none")} action={<StartCommand />}>
      {t("noneHint")}
    </EmptyState>
  );
}
