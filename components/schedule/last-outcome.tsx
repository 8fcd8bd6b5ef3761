"use client";
import { CalendarX2, CircleSlash, type LucideIcon, TriangleAlert } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { StatusText } from "#components/status/status.tsx";
import { cn } from "#components/ui/cn.ts";
import type { ScheduleView } from "#server/core/schedule/view.ts";
import { TickTime } from "./tick-time.tsx";

/** What became of the newest tick: its run, or why there is none. */
export function LastOutcome({
  schedule,
  serverNow,
}: {
  schedule: ScheduleView;
  serverNow: string;
}) {
  const t = useTranslations("schedules");
  const { last, timezone } = schedule;
  if (last === null) return <span className="text-faint text-sm">{t("never")}</span>;
  const tick = (
    <TickTime at={last.tick} zone={timezone} serverNow={serverNow} className="text-faint text-xs" />
  );
  switch (last.kind) {
    case "run":
      return (
        <Link
          href={`/runs/${last.run}`}
          prefetch={false}
          className="grid min-w-0 justify-items-start gap-0.5 hover:underline"
        >
          <span className="flex flex-wrap items-center gap-x-2">
            <StatusText state={last.state} />
            {last.held ? <span className="text-muted text-xs">{t("held")}</span> : null}
          </span>
          {tick}
          {last.firstError === null ? null : (
            <span className="line-clamp-1 max-w-full break-all font-mono text-failed text-xs">
              {last.firstError.message}
            </span>
          )}
        </Link>
      );
    case "skipped":
      return (
        <NoRun icon={CircleSlash} word={t("skipped")} tone="text-muted" tick={tick}>
          {t.rich("skippedFor", { run: () => <RunLink id={last.run} /> })}
        </NoRun>
      );
    case "failed":
      return (
        <NoRun icon={TriangleAlert} word={t("couldNotFire")} tone="text-failed" tick={tick}>
          {last.message}
        </NoRun>
      );
    case "missed":
      return <NoRun icon={CalendarX2} word={t("missed")} tone="text-orange" tick={tick} />;
  }
}

function RunLink({ id }: { id: string }) {
  return (
    <Link href={`/runs/${id}`} prefetch={false} className="text-accent hover:underline">
      #{id}
    </Link>
  );
}

function NoRun({
  icon: Icon,
  word,
  tone,
  tick,
  children,
}: {
  icon: LucideIcon;
  word: string;
  tone: string;
  tick: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div className="grid min-w-0 justify-items-start gap-0.5">
      <span className={cn("inline-flex items-center gap-1.5 font-medium text-sm", tone)}>
        <Icon aria-hidden className="size-4 shrink-0" strokeWidth={2.25} />
        {word}
      </span>
      {tick}
      {children === undefined ? null : <span className="text-faint text-xs">{children}</span>}
    </div>
  );
}
