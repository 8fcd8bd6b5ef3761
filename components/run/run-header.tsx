"use client";
import { RotateCw, ShieldCheck } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { compareHref } from "#components/compare/compare-href.ts";
import { runLength } from "#components/status/run-length.ts";
import { StatusBadge } from "#components/status/status.tsx";
import { TaskProgress } from "#components/status/task-progress.tsx";
import { Duration, Interval, LiveDuration, Time } from "#components/time/time.tsx";
import { CopyButton } from "#components/ui/copy-button.tsx";
import { isRunEnded } from "#server/core/run/states.ts";
import type { RunDetail } from "#server/core/run/view.ts";
import { CalledRuns } from "./called-runs.tsx";
import { paramText, shortHash } from "./short-id.ts";

/** What the run is of, how it stands, and what determines it. */
export function RunHeader({ run, actions }: { run: RunDetail; actions: ReactNode }) {
  const t = useTranslations("run");
  const words = useTranslations("common");
  const compare = useTranslations("compare");
  const ended = isRunEnded(run.state);
  const length = runLength(run);
  const params = Object.entries(run.params);
  const origin = run.parent ?? run.changedFrom;
  return (
    <header className="grid gap-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h1 className="flex min-w-0 flex-wrap items-center gap-x-2.5 gap-y-1 font-semibold text-xl tracking-tight">
          <Link
            href={`/flows/${encodeURIComponent(run.flow)}`}
            className="min-w-0 truncate hover:underline"
          >
            {run.flowName ?? run.flow}
          </Link>
          <span className="font-normal text-faint">#{run.id}</span>
          <StatusBadge state={run.state} />
        </h1>
        <div className="ml-auto flex items-center gap-2">{actions}</div>
      </div>
      <dl className="flex flex-wrap items-center gap-x-4 gap-y-1 text-sm">
        <Fact name={words("term.revision")}>
          <span title={run.revisionHash}>r{run.revision}</span>
        </Fact>
        {run.interval === null ? null : (
          <Fact name={words("term.interval")}>
            <Interval start={run.interval.start} end={run.interval.end} />
          </Fact>
        )}
        {params.length === 0 ? null : (
          <Fact name={words("term.parameters")}>
            <span className="flex min-w-0 flex-wrap gap-x-2">
              {params.map(([name, value]) => (
                <span key={name} className="break-all font-mono text-xs leading-5">
                  <span className="text-muted">{name}=</span>
                  {paramText(value)}
                </span>
              ))}
            </span>
          </Fact>
        )}
        <Fact name={words("term.identity")}>
          <Identity identity={run.identity} />
          {run.certificate?.verdict === "identical" && run.parent !== null ? (
            <span data-verdict="identical" className="inline-flex items-center gap-1 text-success">
              <ShieldCheck aria-hidden className="size-4" />
              {t("identicalTo", { id: run.parent })}
            </span>
          ) : null}
        </Fact>
        <Fact name={t("trigger")}>
          {run.caller !== null ? (
            <Link
              href={`/runs/${run.caller.run}?task=${encodeURIComponent(run.caller.task)}`}
              className="text-accent hover:underline"
            >
              {t("calledBy", { task: run.caller.task, flow: run.caller.flow, id: run.caller.run })}
            </Link>
          ) : null}
          {run.caller !== null && origin !== null ? <span className="px-1">·</span> : null}
          {origin === null ? (
            run.caller === null ? (
              words(`trigger.${run.trigger}`)
            ) : null
          ) : (
            <span className="flex flex-wrap gap-x-3">
              <Link href={`/runs/${origin}`} className="text-accent hover:underline">
                {t(run.parent === null ? "changedFrom" : "rerunOf", { id: origin })}
              </Link>
              <Link
                href={compareHref(origin, run.id)}
                className="text-muted hover:text-text hover:underline"
              >
                {compare("withParent", { id: origin })}
              </Link>
            </span>
          )}
        </Fact>
        {run.backfill === null ? null : (
          <Fact name={words("trigger.backfill")}>
            <Link href={`/backfills/${run.backfill}`} className="text-accent hover:underline">
              #{run.backfill}
            </Link>
          </Fact>
        )}
        <Fact name={words("term.created")}>
          <Time at={run.createdAt} />
        </Fact>
        <Fact name={words("term.duration")}>
          {run.startedAt === null ? (
            "–"
          ) : length === null ? (
            <LiveDuration from={run.startedAt} to={null} serverNow={run.now} />
          ) : (
            <Duration ms={length} />
          )}
        </Fact>
        {ended ? null : (
          <Fact name={t("progress")}>
            <TaskProgress counts={run.taskCounts} />
          </Fact>
        )}
      </dl>
      {run.recovered ? (
        <p className="flex items-start gap-1.5 text-sm text-yellow">
          <RotateCw aria-hidden className="mt-0.5 size-4 shrink-0" />
          {t("recovered")}
        </p>
      ) : null}
      {run.reason === null ? null : (
        <p className="text-muted text-sm">{t("reason", { reason: run.reason })}</p>
      )}
      {run.calls.length === 0 ? null : (
        <CalledRuns title={t("calls")} calls={run.calls} graph={run.graph} />
      )}
      {run.reruns.length === 0 ? null : (
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-muted text-sm">
          {t("rerunBy")}
          {run.reruns.map((rerun) => (
            <Link
              key={rerun.id}
              href={`/runs/${rerun.id}`}
              className="inline-flex items-center gap-1.5 text-accent hover:underline"
            >
              #{rerun.id} <StatusBadge state={rerun.state} />
            </Link>
          ))}
        </p>
      )}
    </header>
  );
}

/** The hash of all that determines the run; equal hashes mean equal runs. */
export function Identity({ identity }: { identity: string }) {
  const t = useTranslations("run");
  return (
    <span className="inline-flex items-center gap-0.5">
      <Link
        href={`/runs?identity=${identity}`}
        title={t("sameIdentity")}
        className="rounded-sm bg-fill-strong px-1.5 font-mono text-xs leading-5 hover:underline"
      >
        {shortHash(identity)}
      </Link>
      <CopyButton text={identity} label={t("copyIdentity")} className="size-6 [&_svg]:size-3.5" />
    </span>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex min-w-0 items-center gap-1.5">
      <dt className="text-faint">{name}</dt>
      <dd className="flex min-w-0 items-center">{children}</dd>
    </div>
  );
}
