"use client";
import { useTranslations } from "next-intl";
import { cn } from "#components/ui/cn.ts";
import {
  isTaskEnded,
  type TaskState,
  type TaskStateCounts,
  taskStates,
} from "#server/core/run/states.ts";
import { statusLook, toneClass } from "./status-look.ts";

/** Ended states first, so that the bar fills from the left. */
const order: readonly TaskState[] = [
  "succeeded",
  "reused",
  "skipped",
  "failed",
  "upstream_failed",
  "cancelled",
  "running",
  "retry_wait",
];

/** How far a run is: a bar of its tasks by state, and ended of all in numbers. */
export function TaskProgress({
  counts,
  className,
}: {
  counts: TaskStateCounts;
  className?: string;
}) {
  const t = useTranslations("common");
  const total = taskStates.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
  const ended = taskStates.reduce(
    (sum, state) => sum + (isTaskEnded(state) ? (counts[state] ?? 0) : 0),
    0,
  );
  return (
    <span className={cn("inline-flex items-center gap-2", className)}>
      <span
        aria-hidden
        className="flex h-1.5 w-24 min-w-0 shrink overflow-hidden rounded-full bg-fill-strong"
      >
        {total === 0
          ? null
          : order.map((state) => {
              const count = counts[state] ?? 0;
              if (count === 0) return null;
              return (
                <span
                  key={state}
                  style={{ width: `${(count / total) * 100}%` }}
                  className={cn(
                    toneClass[statusLook[state].tone].solid,
                    statusLook[state].outline && "opacity-60",
                  )}
                />
              );
            })}
      </span>
      <span className="whitespace-nowrap text-faint text-xs">
        <span className="sr-only">{t("tasksEnded", { ended, total })}</span>
        <span aria-hidden>
          {ended}/{total}
        </span>
      </span>
    </span>
  );
}
