"use client";
import { X } from "lucide-react";
import { useTranslations } from "next-intl";
import { Button } from "#components/ui/button.tsx";
import type { FirstError, RunDetail } from "#server/core/run/view.ts";
import { taskName } from "./task-name.ts";

/** The first error line of the first failed task, and the way to it. */
export function RunFailure({
  run,
  onOpen,
}: {
  run: RunDetail;
  /** Shows the task's log at the line, if the error has one. */
  onOpen: (error: FirstError) => void;
}) {
  const t = useTranslations("run");
  const error = run.firstError;
  if (error === null) return null;
  const { task: id, item } = error;
  const task = taskName(run.graph, id);
  const place = item === undefined ? task : t("items.of", { task, number: item });
  const others = (run.taskCounts.failed ?? 0) - 1;
  return (
    <section
      aria-label={t("firstError")}
      className="flex flex-wrap items-start gap-x-3 gap-y-2 rounded-md border border-failed-solid/40 bg-failed-soft px-3 py-2 text-sm"
    >
      <X aria-hidden strokeWidth={2.5} className="mt-0.5 size-4 shrink-0 text-failed" />
      <div className="grid min-w-0 flex-1 gap-0.5">
        <p className="text-failed" title={id}>
          <span className="font-medium">{t("failedIn", { task: place })}</span>
          {error.attempt > 1 ? ` ${t("atAttempt", { attempt: error.attempt })}` : ""}
          {others > 0 ? ` ${t("othersFailed", { count: others })}` : ""}
        </p>
        <p className="break-words font-mono text-text text-xs leading-5">{error.message}</p>
      </div>
      <Button size="sm" onClick={() => onOpen(error)} className="bg-transparent">
        {error.line === undefined ? t("openLog") : t("openLine", { line: error.line })}
      </Button>
    </section>
  );
}
