"use client";
import { useVirtualizer } from "@tanstack/react-virtual";
import { Play, Recycle, ShieldAlert, Slash } from "lucide-react";
import { useTranslations } from "next-intl";
import { useMemo, useRef } from "react";
import { cn } from "#components/ui/cn.ts";
import type { RerunPlan, RerunPlanTask, RerunReason } from "#server/core/run/rerun-view.ts";

const ROW = 28;

const looks = {
  run: { icon: Play, color: "text-running" },
  reuse: { icon: Recycle, color: "text-success" },
  skip: { icon: Slash, color: "text-neutral" },
} as const;

const order: Record<RerunPlanTask["action"], number> = { run: 0, reuse: 1, skip: 2 };

/** Each task of a plan with what will be done to it and why; what runs comes first. */
export function PlanList({ plan }: { plan: RerunPlan }) {
  const t = useTranslations("rerun");
  const nameOf = (id: string) => plan.names[id] ?? id;
  const reasonText = useReasonText(nameOf);
  const scroller = useRef<HTMLDivElement>(null);
  const tasks = useMemo(
    () => [...plan.tasks].sort((a, b) => order[a.action] - order[b.action]),
    [plan],
  );
  const rows = useVirtualizer({
    count: tasks.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 6,
  });
  return (
    <section
      ref={scroller}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take the focus
      tabIndex={0}
      aria-label={t("plan")}
      className="max-h-56 overflow-y-auto rounded-md border"
    >
      <ul className="relative" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((row) => {
          const task = tasks[row.index];
          if (task === undefined) return null;
          const { icon: Icon, color } = looks[task.action];
          return (
            <li
              key={task.id}
              data-action={task.action}
              className="absolute inset-x-0 flex items-center gap-2 px-2.5 text-sm"
              style={{ height: ROW, transform: `translateY(${row.start}px)` }}
            >
              <span className={cn("inline-flex w-16 shrink-0 items-center gap-1.5 text-xs", color)}>
                <Icon aria-hidden className="size-3.5" />
                {t(`action.${task.action}`)}
              </span>
              <span className="min-w-0 flex-1 truncate text-xs" title={task.id}>
                {nameOf(task.id)}
              </span>
              {task.guarded ? (
                <ShieldAlert
                  role="img"
                  aria-label={t("guarded")}
                  className="size-3.5 shrink-0 text-orange"
                />
              ) : null}
              <span className="max-w-[50%] truncate text-muted text-xs">
                {reasonText(task.reason)}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function useReasonText(nameOf: (task: string) => string): (reason: RerunReason) => string {
  const t = useTranslations();
  return (reason) => {
    switch (reason.kind) {
      case "not_succeeded":
        return t("rerun.reason.not_succeeded", { state: t(`common.state.${reason.state}`) });
      case "depends_on":
        return t("rerun.reason.depends_on", { task: nameOf(reason.task) });
      case "succeeded":
        return t("rerun.reason.succeeded", { id: reason.run });
      default:
        return t(`rerun.reason.${reason.kind}`);
    }
  };
}
