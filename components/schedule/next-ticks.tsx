"use client";
import { useTranslations } from "next-intl";
import { Time } from "#components/time/time.tsx";
import type { ScheduleView } from "#server/core/schedule/view.ts";
import { ScheduleState } from "./schedule-state.tsx";
import { TickTime, UntilTick } from "./tick-time.tsx";

/** The next tick and those after it, or why there is none. */
export function NextTicks({ schedule, serverNow }: { schedule: ScheduleView; serverNow: string }) {
  const t = useTranslations("schedules");
  const [first, ...rest] = schedule.next;
  const zone = schedule.timezone;
  if (schedule.state !== "active" || first === undefined) {
    return (
      <div className="grid content-start justify-items-start gap-1">
        <ScheduleState state={schedule.state} />
        <span className="text-faint text-xs">
          {schedule.paused === null
            ? t(schedule.state === "over" ? "overHint" : "restingHint")
            : t.rich("pausedBy", {
                time: () => <Time at={schedule.paused?.at ?? ""} precision="minute" />,
                name: schedule.paused.by,
              })}
        </span>
      </div>
    );
  }
  return (
    <div className="grid content-start gap-1">
      <div className="flex flex-wrap items-baseline gap-x-2 text-sm">
        <TickTime at={first} zone={zone} serverNow={serverNow} className="font-medium" />
        <UntilTick at={first} serverNow={serverNow} className="text-muted text-xs" />
      </div>
      {rest.length === 0 ? null : (
        <ol
          aria-label={t("then")}
          className="grid w-fit grid-cols-[auto_auto] gap-x-4 text-faint text-xs"
        >
          {rest.map((tick) => (
            <li key={tick}>
              <TickTime at={tick} zone={zone} serverNow={serverNow} />
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}
