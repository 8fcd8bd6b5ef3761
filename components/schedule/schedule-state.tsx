"use client";
import { CalendarClock, CircleCheck, CirclePause, type LucideIcon, Moon } from "lucide-react";
import { useTranslations } from "next-intl";
import { cn } from "#components/ui/cn.ts";
import type { ScheduleState as State } from "#server/core/schedule/view.ts";

const look: Readonly<Record<State, { icon: LucideIcon; tone: string }>> = {
  active: { icon: CalendarClock, tone: "border-transparent bg-success-soft text-success" },
  paused: { icon: CirclePause, tone: "border-transparent bg-yellow-soft text-yellow" },
  over: { icon: CircleCheck, tone: "border-line-strong text-muted" },
  resting: { icon: Moon, tone: "border-line-strong text-muted" },
};

/** Icon and word for what a schedule is doing. */
export function ScheduleState({ state }: { state: State }) {
  const t = useTranslations("schedules.state");
  const { icon: Icon, tone } = look[state];
  return (
    <span
      data-state={state}
      className={cn(
        "inline-flex h-5.5 shrink-0 items-center gap-1 whitespace-nowrap rounded-md border px-1.5 font-medium text-xs",
        tone,
      )}
    >
      <Icon aria-hidden className="size-3.5" strokeWidth={2.25} />
      {t(state)}
    </span>
  );
}
