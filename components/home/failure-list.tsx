"use client";
import { CircleCheck, RotateCcw } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { toast } from "sonner";
import { RerunDialog } from "#components/rerun/rerun-dialog.tsx";
import { FirstErrorLine } from "#components/run/first-error-line.tsx";
import { focusedRow, rowAttribute } from "#components/shell/row-keys.ts";
import { useShortcut } from "#components/shell/shortcuts.tsx";
import { runLength } from "#components/status/run-length.ts";
import { StatusIcon } from "#components/status/status.tsx";
import { Ago, Duration, Interval } from "#components/time/time.tsx";
import { Button } from "#components/ui/button.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Panel } from "#components/ui/panel.tsx";
import type { FailureView } from "#server/core/overview.ts";

/** Whether somebody still has to do something about it: nobody has tried again, or gave up. */
const isOpen = ({ followedBy }: FailureView): boolean =>
  followedBy === null || followedBy.state === "cancelled";

/** What became of it: the run that did the same again. */
function Follower({ id, state }: NonNullable<FailureView["followedBy"]>) {
  const t = useTranslations("home");
  return (
    <Link
      href={`/runs/${id}`}
      className="relative flex items-center gap-1 self-center whitespace-nowrap text-muted text-xs hover:text-text hover:underline"
    >
      <StatusIcon state={state} className="size-3.5" />
      {t(`followed.${state}`, { id })}
    </Link>
  );
}

function Failure({
  run,
  serverNow,
  onRerun,
}: {
  run: FailureView;
  serverNow: string;
  onRerun: () => void;
}) {
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
              className="hidden shrink-0 text-muted text-xs sm:inline"
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
        {run.firstError === null ? null : <FirstErrorLine error={run.firstError} />}
      </div>
      {run.followedBy === null ? null : <Follower {...run.followedBy} />}
      {isOpen(run) ? (
        <Button
          size="sm"
          className="relative self-center"
          aria-label={t("home.rerunOf", { id: run.id })}
          onClick={onRerun}
        >
          <RotateCcw aria-hidden />
          <span className="hidden sm:inline">{t("rerun.rerun")}</span>
        </Button>
      ) : null}
    </li>
  );
}

/**
 * Runs that failed in the last 24 hours, newest first, each with its first error line and what became
 * of it since.
 */
export function FailureList({
  failures,
  count,
  serverNow,
}: {
  failures: readonly FailureView[];
  count: number;
  serverNow: string;
}) {
  const t = useTranslations();
  const router = useRouter();
  const [rerunning, setRerunning] = useState<FailureView | null>(null);
  useShortcut({
    keys: "r",
    label: t("shortcuts.rerun"),
    run: () => {
      const row = focusedRow();
      const id = row === null ? failures.find(isOpen)?.id : row.getAttribute(rowAttribute);
      setRerunning(failures.find((failure) => failure.id === id) ?? null);
    },
  });
  const started = (id: string) => {
    setRerunning(null);
    toast.success(t("rerun.started", { id }), {
      action: { label: t("rerun.open"), onClick: () => router.push(`/runs/${id}`) },
    });
  };
  return (
    <Panel
      title={t("home.failures")}
      aside={
        count > failures.length ? (
          <Link href="/runs?state=failed" className="text-muted hover:text-text hover:underline">
            {t("home.allFailures")}
          </Link>
        ) : undefined
      }
    >
      {failures.length === 0 ? (
        <EmptyState icon={<CircleCheck />} title={t("home.noFailures")}>
          {t("home.noFailuresHint")}
        </EmptyState>
      ) : (
        <ul>
          {failures.map((run) => (
            <Failure
              key={run.id}
              run={run}
              serverNow={serverNow}
              onRerun={() => setRerunning(run)}
            />
          ))}
        </ul>
      )}
      {rerunning === null ? null : (
        <RerunDialog
          run={rerunning}
          scope="failed"
          task={null}
          onClose={() => setRerunning(null)}
          onStarted={started}
        />
      )}
    </Panel>
  );
}
