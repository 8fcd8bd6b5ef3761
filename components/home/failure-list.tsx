"use client";
import { CircleCheck } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { rowAttribute } from "#components/shell/row-keys.ts";
import { runLength } from "#components/status/run-length.ts";
import { StatusIcon } from "#components/status/status.tsx";
import { Ago, Duration, Interval } from "#components/time/time.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Panel } from "#components/ui/panel.tsx";
import type { RunSummary } from "#server/core/run/view.ts";

function Failure({ run, serverNow }: { run: RunSummary; serverNow: string }) {
  const t = useTranslations();
  const length = runLength(run);
  return (
    <li className="relative flex items-start gap-3 border-t px-3 py-2.5 first:border-0 hover:bg-fill">
      <StatusIcon state={run.state} label={t(`common.state.${run.state}`)} className="mt-0.5" />
      <div className="grid min-w-0 flex-1 gap-0.5">
        <div className="flex min-w-0 items-baseline gap-2">
          <Link
            href={`/runs/${run.id}`}
            {...{ [rowAttribute]: run.id }}
            className="truncate font-medium text-sm after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:rounded-sm focus-visible:after:outline-2 focus-visible:after:outline-accent focus-visible:after:-outline-offset-2"
          >
            {run.flowName ?? run.flow}
          </Link>
          <span className="shrink-0 text-faint text-xs">#{run.id}</span>
          {run.interval === null ? null : (
            <Interval
              start={run.interval.start}
              end={run.interval.end}
              flowZone={run.timezone}
              className="hidden truncate text-muted text-xs sm:inline"
            />
          )}
          <span className="ml-auto flex shrink-0 gap-2 text-faint text-xs">
            {length === null ? null : (
              <span className="hidden sm:inline">
                <span className="sr-only">{t("home.after")} </span>
                <Duration ms={length} />
              </span>
            )}
            <Ago
              at={run.finishedAt ?? run.createdAt}
              serverNow={serverNow}
              flowZone={run.timezone}
              className="w-16 text-right"
            />
          </span>
        </div>
        {run.firstError === null ? null : (
          <p
            className="flex min-w-0 gap-2 font-mono text-muted text-xs"
            title={run.firstError.message}
          >
            <span className="shrink-0 text-text">{run.firstError.task}</span>
            <span className="truncate">{run.firstError.message}</span>
          </p>
        )}
      </div>
    </li>
  );
}

/** Runs that failed in the last 24 hours, newest first, each with its first error line. */
export function FailureList({
  failures,
  count,
  serverNow,
}: {
  failures: readonly RunSummary[];
  count: number;
  serverNow: string;
}) {
  const t = useTranslations("home");
  return (
    <Panel
      title={t("failures")}
      aside={
        count > failures.length ? (
          <Link href="/runs?state=failed" className="text-muted hover:text-text hover:underline">
            {t("allFailures")}
          </Link>
        ) : undefined
      }
    >
      {failures.length === 0 ? (
        <EmptyState icon={<CircleCheck />} title={t("noFailures")}>
          {t("noFailuresHint")}
        </EmptyState>
      ) : (
        <ul>
          {failures.map((run) => (
            <Failure key={run.id} run={run} serverNow={serverNow} />
          ))}
        </ul>
      )}
    </Panel>
  );
}
