"use client";
import { CalendarX2, FileWarning } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Ago, useNumberText } from "#components/time/time.tsx";
import { cn } from "#components/ui/cn.ts";
import type { OverviewView } from "#server/core/overview.ts";

function Stat({
  label,
  value,
  hint,
  href,
  alarming = false,
}: {
  label: ReactNode;
  value: ReactNode;
  hint: ReactNode;
  href: string;
  alarming?: boolean;
}) {
  return (
    <Link
      href={href}
      className="grid gap-0.5 bg-surface px-4 py-3 -outline-offset-2 transition-colors duration-100 hover:bg-fill"
    >
      <span className="text-muted text-xs">{label}</span>
      <span className={cn("font-semibold text-xl", alarming && "text-failed")}>{value}</span>
      <span className="truncate text-faint text-xs">{hint}</span>
    </Link>
  );
}

const CAP = 1_000;

/** Four numbers and the way to what is behind each of them. */
export function StatStrip({ overview }: { overview: OverviewView }) {
  const t = useTranslations("home.stats");
  const words = useTranslations();
  const number = useNumberText();
  const { queue, runners } = overview;
  const alive = runners.filter((runner) => runner.state === "active");
  const slots = alive.reduce((sum, runner) => sum + runner.slots, 0);
  const busy = alive.reduce((sum, runner) => sum + runner.running, 0);
  const draining = runners.filter((runner) => runner.state === "draining");
  const left = draining.reduce((sum, runner) => sum + runner.running, 0);
  const idle = draining.length === 0 ? t("noRunner") : t("draining", { count: left });
  const upTo = (count: number) => (count >= CAP ? `${number(CAP)}+` : number(count));
  const { activeCounts } = overview;
  return (
    <div className="grid gap-3">
      <div className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border bg-line lg:grid-cols-4">
        <Stat
          label={t("failed")}
          value={upTo(overview.failureCount)}
          hint={t("ofRuns", { count: overview.runCount24h })}
          href="/runs?state=failed"
          alarming={overview.failureCount > 0}
        />
        <Stat
          label={t("running")}
          value={upTo(activeCounts.running)}
          hint={
            activeCounts.queued === 0
              ? t("tasksRunning", { count: queue.running })
              : t("tasksRunningQueued", {
                  count: queue.running,
                  queued: upTo(activeCounts.queued),
                })
          }
          href="/runs?state=running"
        />
        <Stat
          label={t("queue")}
          value={number(queue.ready)}
          hint={
            queue.oldestReadyAt === null ? (
              t("queueEmpty")
            ) : (
              <>
                {t("oldest")} <Ago at={queue.oldestReadyAt} serverNow={overview.now} />
              </>
            )
          }
          href="/queue"
        />
        <Stat
          label={t("runners")}
          value={number(alive.length)}
          hint={alive.length === 0 ? idle : t("slots", { busy, slots })}
          href="/runners"
          alarming={alive.length === 0}
        />
      </div>
      {overview.brokenSources === 0 ? null : (
        <Link
          href="/flows"
          className="flex items-center gap-2 rounded-md bg-failed-soft px-3 py-2 text-failed text-sm hover:underline"
        >
          <FileWarning aria-hidden className="size-4 shrink-0" />
          {t("broken", { count: overview.brokenSources })}
        </Link>
      )}
      {overview.troubledSchedules === 0 ? null : (
        <Link
          href="/schedules"
          className="flex items-center gap-2 rounded-md bg-orange-soft px-3 py-2 text-orange text-sm hover:underline"
        >
          <CalendarX2 aria-hidden className="size-4 shrink-0" />
          {words("schedules.troubled", { count: overview.troubledSchedules })}
        </Link>
      )}
    </div>
  );
}
