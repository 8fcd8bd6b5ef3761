"use client";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { rowAttribute } from "#components/shell/row-keys.ts";
import { StatusIcon } from "#components/status/status.tsx";
import { TaskProgress } from "#components/status/task-progress.tsx";
import { LiveDuration } from "#components/time/time.tsx";
import { Panel } from "#components/ui/panel.tsx";
import type { OverviewView } from "#server/core/overview.ts";
import type { RunSummary } from "#server/core/run/view.ts";

/** Running and queued, with how far each is. */
export function ActiveRuns({
  runs,
  counts,
  serverNow,
}: {
  /** The first of them. */
  runs: readonly RunSummary[];
  counts: OverviewView["activeCounts"];
  serverNow: string;
}) {
  const t = useTranslations();
  const isPart = runs.length < counts.running + counts.queued;
  return (
    <Panel
      title={t("home.active")}
      count={runs.length === 0 || isPart ? undefined : runs.length}
      aside={
        isPart ? (
          <Link href="/runs?state=running,queued" className="text-accent hover:underline">
            {t("home.allActive")}
          </Link>
        ) : undefined
      }
    >
      {runs.length === 0 ? (
        <p className="px-3 py-6 text-center text-muted text-sm">{t("home.noActive")}</p>
      ) : (
        <ul>
          {runs.map((run) => (
            <li key={run.id} className="border-t first:border-0">
              <Link
                href={`/runs/${run.id}`}
                {...{ [rowAttribute]: run.id }}
                className="flex h-10 items-center gap-2.5 px-3 -outline-offset-2 hover:bg-fill"
              >
                <StatusIcon state={run.state} label={t(`common.state.${run.state}`)} />
                <span className="min-w-0 flex-1 truncate text-sm">
                  {run.flowName ?? run.flow} <span className="text-faint text-xs">#{run.id}</span>
                </span>
                <TaskProgress counts={run.taskCounts} className="w-20 justify-end sm:w-32" />
                <LiveDuration
                  from={run.startedAt ?? run.createdAt}
                  to={null}
                  serverNow={serverNow}
                  className="w-16 text-right text-muted text-xs"
                />
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
