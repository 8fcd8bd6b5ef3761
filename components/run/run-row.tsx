"use client";
import { GitCompareArrows, RotateCcw } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { memo } from "react";
import { rowAttribute } from "#components/shell/row-keys.ts";
import { Recovered } from "#components/status/recovered.tsx";
import { runLength } from "#components/status/run-length.ts";
import { StatusBadge } from "#components/status/status.tsx";
import { TaskProgress } from "#components/status/task-progress.tsx";
import { Ago, Duration, Interval, LiveDuration } from "#components/time/time.tsx";
import { Button } from "#components/ui/button.tsx";
import { RowIcon } from "#components/ui/sprite.tsx";
import { isRunEnded } from "#server/core/run/states.ts";
import type { RunSummary } from "#server/core/run/view.ts";
import { FirstErrorLine } from "./first-error-line.tsx";
import { paramText, shortHash } from "./short-id.ts";

const cover =
  "after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:rounded-sm focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent";

const COLUMNS = "lg:grid-cols-[7rem_minmax(0,1.4fr)_minmax(0,1.2fr)_8rem_7.5rem_6rem_4rem]";

/** What the columns of wide screens hold. */
export function RunListHead() {
  const t = useTranslations("common.term");
  const words = useTranslations("run");
  return (
    <div
      aria-hidden
      className={`hidden h-8 items-center gap-x-4 px-3 text-faint text-xs lg:grid ${COLUMNS}`}
    >
      <span>{t("state")}</span>
      <span>{t("run")}</span>
      <span>{`${t("interval")} · ${t("identity")}`}</span>
      <span>{words("trigger")}</span>
      <span>{t("duration")}</span>
      <span className="text-right">{t("created")}</span>
    </div>
  );
}

/** One run of the list: a link as wide as the row, with Rerun beside it. */
export const RunRow = memo(function RunRow({
  run,
  serverNow,
  onRerun,
  compared,
  onCompare,
}: {
  run: RunSummary;
  serverNow: string;
  onRerun: (run: RunSummary) => void;
  /** True for the run that waits for a second one to be compared with. */
  compared: boolean;
  onCompare: (run: RunSummary) => void;
}) {
  const t = useTranslations();
  const ended = isRunEnded(run.state);
  const params = Object.entries(run.params);
  return (
    <li
      data-run={run.id}
      className={`relative grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 border-t px-3 py-2 text-sm hover:bg-fill ${COLUMNS}`}
    >
      <span className="lg:contents">
        <StatusBadge state={run.state} className="justify-self-start" />
      </span>
      <span className="min-w-0 max-lg:order-first max-lg:col-span-2">
        <Link
          href={`/runs/${run.id}`}
          {...{ [rowAttribute]: run.id }}
          className={`font-medium ${cover}`}
        >
          {run.flowName ?? run.flow}
        </Link>{" "}
        <span className="text-faint">#{run.id}</span>
        {run.recovered ? <Recovered /> : null}
        {run.firstError === null ? null : <FirstErrorLine error={run.firstError} />}
        {run.firstError === null && params.length > 0 ? (
          <span className="block truncate font-mono text-muted text-xs">
            {params.map(([name, value]) => `${name}=${paramText(value)}`).join("  ")}
          </span>
        ) : null}
      </span>
      <span className="min-w-0 truncate text-muted text-xs max-lg:hidden">
        {run.interval === null ? null : (
          <Interval
            start={run.interval.start}
            end={run.interval.end}
            flowZone={run.timezone}
            className="block truncate"
          />
        )}
        <span className="font-mono text-faint" title={run.identity}>
          r{run.revision} · {shortHash(run.identity)}
        </span>
      </span>
      <span className="min-w-0 truncate text-muted text-xs max-lg:hidden">
        {run.trigger === "backfill" ? null : t(`common.trigger.${run.trigger}`)}
        {run.parent === null ? null : <span className="text-faint"> ← #{run.parent}</span>}
        {run.backfill === null ? null : (
          <Link
            href={`/backfills/${run.backfill}`}
            prefetch={false}
            className="relative block truncate"
          >
            {t("common.trigger.backfill")}{" "}
            <span className="text-accent underline decoration-line-strong underline-offset-2">
              #{run.backfill}
            </span>
          </Link>
        )}
      </span>
      <span className="text-muted text-xs max-lg:hidden">
        {ended ? <Length run={run} /> : <TaskProgress counts={run.taskCounts} />}
      </span>
      <span className="whitespace-nowrap text-right text-muted text-xs">
        {run.state === "running" && run.startedAt !== null ? (
          <LiveDuration from={run.startedAt} to={null} serverNow={serverNow} />
        ) : (
          <Ago at={run.createdAt} serverNow={serverNow} flowZone={run.timezone} />
        )}
      </span>
      <span className="flex justify-end max-lg:absolute max-lg:top-1.5 max-lg:right-2">
        <Button
          variant="ghost"
          size="icon-sm"
          aria-label={t("compare.select", { id: run.id })}
          title={t("compare.choose")}
          aria-pressed={compared}
          className="relative aria-pressed:bg-accent-soft aria-pressed:text-accent max-lg:hidden"
          onClick={() => onCompare(run)}
        >
          <RowIcon shape={GitCompareArrows} aria-hidden />
        </Button>
        {ended ? (
          <Button
            variant="ghost"
            size="icon-sm"
            aria-label={t("runs.rerun", { id: run.id })}
            title={t("rerun.rerun")}
            className="relative"
            onClick={() => onRerun(run)}
          >
            <RowIcon shape={RotateCcw} aria-hidden />
          </Button>
        ) : null}
      </span>
    </li>
  );
});

function Length({ run }: { run: RunSummary }) {
  const ms = runLength(run);
  return ms === null ? null : <Duration ms={ms} />;
}
