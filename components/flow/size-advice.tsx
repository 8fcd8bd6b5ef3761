"use client";
import { Minimize2 } from "lucide-react";
import { useFormatter, useTranslations } from "next-intl";
import { Duration } from "#components/time/time.tsx";
import { Panel } from "#components/ui/panel.tsx";
import type { SizeAdvice } from "#server/core/run/size-view.ts";

/** Tasks whose start takes longer than their work, with a batch that would help; nothing otherwise. */
export function SizeAdviceList({ items }: { items: readonly SizeAdvice[] }) {
  return items.map((advice) => (
    <Advice key={advice.of.kind === "list" ? advice.of.task : advice.of.type} advice={advice} />
  ));
}

function Advice({ advice }: { advice: SizeAdvice }) {
  const t = useTranslations("advice.size");
  const format = useFormatter();
  const { of } = advice;
  const time = (ms: number) => () => <Duration ms={ms} className="font-medium text-text" />;
  return (
    <Panel
      title={of.kind === "list" ? t("list", { task: of.task }) : t("alike", { type: of.type })}
      aside={<span>{t("basis", { runs: advice.runs })}</span>}
    >
      <div className="grid gap-1.5 px-3 py-2.5 text-sm">
        <p className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
          <span
            data-verdict="too_small"
            className="inline-flex h-5.5 items-center gap-1 rounded-md bg-orange-soft px-1.5 font-medium text-orange text-xs"
          >
            <Minimize2 aria-hidden className="size-3.5" />
            {t("verdict")}
          </span>
          {t("overhead", {
            share: format.number(advice.overhead, { style: "percent", maximumFractionDigits: 0 }),
            count: advice.taskRuns,
          })}
        </p>
        <p>
          {t.rich(of.kind === "list" ? "list_then" : "alike_then", {
            batch: advice.batch,
            after: time(advice.thenMs),
            before: time(advice.spanMs),
          })}
        </p>
        <p className="text-muted">
          {t.rich("each", {
            wait: time(advice.waitMs),
            start: time(advice.startUpMs),
            work: time(advice.workMs),
          })}
        </p>
      </div>
    </Panel>
  );
}
