"use client";
import { ArrowLeftRight, RotateCcw, ShieldCheck, TriangleAlert } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type ReactNode, useState } from "react";
import { ChangeList } from "#components/flow/change-list.tsx";
import { defaultScope } from "#components/rerun/rerun-button.tsx";
import { RerunDialog } from "#components/rerun/rerun-dialog.tsx";
import { Identity } from "#components/run/run-header.tsx";
import { Page, PageHeader } from "#components/shell/page.tsx";
import { runLength } from "#components/status/run-length.ts";
import { StatusBadge } from "#components/status/status.tsx";
import { Duration, Interval, Time } from "#components/time/time.tsx";
import { Button, ButtonLink } from "#components/ui/button.tsx";
import { Panel } from "#components/ui/panel.tsx";
import type { RunComparison } from "#server/core/run/compare.ts";
import { isRunEnded } from "#server/core/run/states.ts";
import type { RunSummary } from "#server/core/run/view.ts";
import { compareHref } from "./compare-href.ts";
import { TaskComparison } from "./task-comparison.tsx";

/** Two runs side by side: what determined them, their revisions, and how each task went. */
export function ComparePage({ comparison }: { comparison: RunComparison }) {
  const t = useTranslations("compare");
  const router = useRouter();
  const [rerun, setRerun] = useState<RunSummary | null>(null);
  const { a, b } = comparison;
  return (
    <Page>
      <PageHeader
        title={t("title", { a: a.id, b: b.id })}
        actions={
          <ButtonLink href={compareHref(b.id, a.id)} replace>
            <ArrowLeftRight aria-hidden />
            {t("swap")}
          </ButtonLink>
        }
      />
      <Verdict differences={comparison.manifest.length} />
      <div className="grid gap-4 md:grid-cols-2">
        <Side run={a} onRerun={setRerun} />
        <Side run={b} onRerun={setRerun} />
      </div>
      <TaskComparison comparison={comparison} />
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Panel title={t("manifest")} count={comparison.manifest.length}>
          <Changes none={t("manifestSame")} changes={comparison.manifest} />
        </Panel>
        <Panel
          title={t("revision")}
          aside={
            a.flow === b.flow && a.revision !== b.revision ? <CodeLink a={a} b={b} /> : undefined
          }
        >
          <Changes
            none={comparison.revision === null ? t("otherFlow") : t("revisionSame")}
            changes={comparison.revision ?? []}
          />
        </Panel>
      </div>
      {rerun === null ? null : (
        <RerunDialog
          run={rerun}
          scope={defaultScope(rerun.state)}
          task={null}
          onClose={() => setRerun(null)}
          onStarted={(id) => {
            setRerun(null);
            router.push(`/runs/${id}`);
          }}
        />
      )}
    </Page>
  );
}

function Verdict({ differences }: { differences: number }) {
  const t = useTranslations("compare");
  const same = differences === 0;
  const Icon = same ? ShieldCheck : TriangleAlert;
  return (
    <p
      data-verdict={same ? "identical" : "different"}
      className={`flex items-start gap-2 rounded-md px-3 py-2.5 text-sm ${same ? "bg-success-soft text-success" : "bg-orange-soft text-orange"}`}
    >
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
      {same ? t("same") : t("different", { count: differences })}
    </p>
  );
}

function Side({ run, onRerun }: { run: RunSummary; onRerun: (run: RunSummary) => void }) {
  const t = useTranslations();
  const length = runLength(run);
  return (
    <section
      aria-label={`#${run.id}`}
      className="grid content-start gap-2 rounded-lg border bg-surface p-3"
    >
      <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
        <h2 className="min-w-0 truncate font-semibold text-base">
          <Link href={`/runs/${run.id}`} className="hover:underline">
            {run.flowName ?? run.flow} <span className="font-normal text-faint">#{run.id}</span>
          </Link>
        </h2>
        <StatusBadge state={run.state} />
        {isRunEnded(run.state) ? (
          <Button
            size="sm"
            className="ml-auto"
            aria-label={t("compare.rerun", { id: run.id })}
            onClick={() => onRerun(run)}
          >
            <RotateCcw aria-hidden />
            {t("rerun.rerun")}
          </Button>
        ) : null}
      </div>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-1 text-sm">
        <Fact name={t("common.term.revision")}>r{run.revision}</Fact>
        <Fact name={t("common.term.identity")}>
          <Identity identity={run.identity} />
        </Fact>
        {run.interval === null ? null : (
          <Fact name={t("common.term.interval")}>
            <Interval start={run.interval.start} end={run.interval.end} flowZone={run.timezone} />
          </Fact>
        )}
        <Fact name={t("run.trigger")}>{t(`common.trigger.${run.trigger}`)}</Fact>
        <Fact name={t("common.term.created")}>
          <Time at={run.createdAt} flowZone={run.timezone} />
        </Fact>
        <Fact name={t("common.term.duration")}>
          {length === null ? "–" : <Duration ms={length} />}
        </Fact>
      </dl>
      {run.firstError === null ? null : (
        <p className="break-words rounded-sm bg-failed-soft px-2 py-1 text-xs leading-5">
          <span className="text-failed">{run.firstError.name ?? run.firstError.task}</span>{" "}
          <span className="font-mono">{run.firstError.message}</span>
        </p>
      )}
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-faint">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  );
}

function CodeLink({ a, b }: { a: RunSummary; b: RunSummary }) {
  const t = useTranslations("compare");
  const query = `view=code&revision=${b.revision}&against=${a.revision}`;
  return (
    <Link href={`/flows/${encodeURIComponent(b.flow)}?${query}`} className="hover:underline">
      {t("showCode")}
    </Link>
  );
}

function Changes({ none, changes }: { none: string; changes: RunComparison["manifest"] }) {
  return (
    <div className="max-h-[28rem] overflow-y-auto p-3">
      {changes.length === 0 ? (
        <p className="text-muted text-sm">{none}</p>
      ) : (
        <ChangeList changes={changes} />
      )}
    </div>
  );
}
