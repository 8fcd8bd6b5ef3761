"use client";
import Link from "next/link";
import { useLocale, useTranslations } from "next-intl";
import { rowAttribute } from "#components/shell/row-keys.ts";
import { Badge } from "#components/ui/badge.tsx";
import type { ScheduleView } from "#server/core/schedule/view.ts";
import { LastOutcome } from "./last-outcome.tsx";
import { MissedNotice } from "./missed-notice.tsx";
import { NextTicks } from "./next-ticks.tsx";
import { ScheduleActions } from "./schedule-actions.tsx";
import { TickTime } from "./tick-time.tsx";

/** Columns of the list on wide screens; on narrow ones each item is a stack. */
export const scheduleColumns =
  "md:grid-cols-[minmax(0,1.25fr)_minmax(0,1.35fr)_minmax(0,1fr)_12.5rem] md:gap-x-5";

/** One schedule: when it fires, what comes next, what came last, what can be done. */
export function ScheduleItem({
  schedule,
  serverNow,
  showFlow,
}: {
  schedule: ScheduleView;
  serverNow: string;
  /** False where the flow is known from the page. */
  showFlow: boolean;
}) {
  return (
    <li className="grid gap-2 border-t px-3 py-2.5 first:border-0">
      <div className={`grid items-start gap-y-2.5 ${scheduleColumns}`}>
        <Facts schedule={schedule} serverNow={serverNow} showFlow={showFlow} />
        <NextTicks schedule={schedule} serverNow={serverNow} />
        <LastOutcome schedule={schedule} serverNow={serverNow} />
        <ScheduleActions schedule={schedule} />
      </div>
      <MissedNotice schedule={schedule} serverNow={serverNow} />
    </li>
  );
}

function Facts({
  schedule,
  serverNow,
  showFlow,
}: {
  schedule: ScheduleView;
  serverNow: string;
  showFlow: boolean;
}) {
  const t = useTranslations("schedules");
  const locale = useLocale();
  const { words, cron, timezone, params, start, end } = schedule;
  const given = Object.entries(params);
  return (
    <div className="grid min-w-0 content-start gap-0.5">
      {showFlow ? (
        <Link
          href={`/flows/${encodeURIComponent(schedule.flow)}`}
          {...{ [rowAttribute]: `${schedule.flow}:${schedule.key}` }}
          className="truncate font-medium text-sm hover:underline"
        >
          {schedule.flowName ?? schedule.flow}
        </Link>
      ) : null}
      <span className={showFlow ? "text-muted text-sm" : "font-medium text-sm"}>
        {words?.[locale] ?? cron}
      </span>
      <span className="flex flex-wrap items-center gap-x-2 text-faint text-xs">
        <span className="font-mono">{cron}</span>
        <span>{timezone}</span>
      </span>
      <span className="flex flex-wrap gap-x-4 font-mono text-faint text-xs">
        <span>catchup: {schedule.catchup}</span>
        <span>overlap: {schedule.overlap}</span>
      </span>
      {start === null && end === null ? null : (
        <span className="flex flex-wrap gap-x-2 text-faint text-xs">
          {start === null ? null : (
            <span>
              {t("from")} <TickTime at={start} zone={timezone} serverNow={serverNow} />
            </span>
          )}
          {end === null ? null : (
            <span>
              {t("until")} <TickTime at={end} zone={timezone} serverNow={serverNow} />
            </span>
          )}
        </span>
      )}
      {given.length === 0 ? null : (
        <span className="mt-0.5 flex flex-wrap gap-1">
          {given.map(([name, value]) => (
            <Badge key={name} className="max-w-full font-mono">
              <span className="truncate">
                {name}={typeof value === "string" ? value : JSON.stringify(value)}
              </span>
            </Badge>
          ))}
        </span>
      )}
    </div>
  );
}
