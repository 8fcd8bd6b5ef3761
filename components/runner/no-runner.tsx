"use client";
import { TriangleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import { CopyButton } from "#components/ui/copy-button.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import type { RunnerView } from "#server/core/queue/runner-view.ts";

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

/**
 * No runner takes tasks: they wait, and this is how to start one; or all runners are draining, and one
 * of them can be resumed.
 */
export function NoRunner({
  compact = false,
  runners = [],
}: {
  compact?: boolean;
  runners?: readonly Pick<RunnerView, "state">[];
}) {
  const t = useTranslations("runners");
  const draining = runners.some((runner) => runner.state === "draining");
  if (compact) {
    return (
      <div className="grid justify-items-start gap-2 bg-orange-soft px-3 py-2.5 text-orange text-sm">
        <p className="flex items-center gap-2">
          <TriangleAlert aria-hidden className="size-4 shrink-0" />
          {draining ? t("allDraining") : t("none")}
        </p>
        {draining ? null : <StartCommand />}
      </div>
    );
  }
  return (
    <EmptyState icon={<TriangleAlert />} title={t("none")} action={<StartCommand />}>
      {t("noneHint")}
    </EmptyState>
  );
}
