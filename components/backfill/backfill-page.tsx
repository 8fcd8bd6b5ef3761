"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CirclePause, History, List } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { parseAsStringLiteral, useQueryState } from "nuqs";
import type { ReactNode } from "react";
import { paramText } from "#components/run/short-id.ts";
import { useTRPC, useTRPCClient } from "#components/shell/api.tsx";
import { Page } from "#components/shell/page.tsx";
import { StaleNotice } from "#components/shell/stale-notice.tsx";
import { Ago, Interval, Time, useDurationText, useNumberText } from "#components/time/time.tsx";
import { FlowZone } from "#components/time/zone.tsx";
import { ButtonLink } from "#components/ui/button.tsx";
import { Panel } from "#components/ui/panel.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { rowStates } from "#server/core/backfill/states.ts";
import type { BackfillDetail, BackfillPause } from "#server/core/backfill/view.ts";
import type { Json } from "#server/core/flow/spec.ts";
import { BackfillControls } from "./backfill-controls.tsx";
import { BackfillMap } from "./backfill-map.tsx";
import { BackfillBadge, BackfillProgress } from "./backfill-state.tsx";
import { RowList } from "./row-list.tsx";
import { StartPanel } from "./start-panel.tsx";
import { StateCounts } from "./state-counts.tsx";
import { useBackfill } from "./use-backfill.ts";

/** One backfill: its plan until it is started, then its ledger, live. */
export function BackfillPage({ initial }: { initial: BackfillDetail }) {
  const t = useTranslations("backfills");
  const client = useTRPCClient();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const { backfill, setBackfill, cells, query, reload } = useBackfill(initial);
  const [chosen, setChosen] = useQueryState(
    "state",
    parseAsStringLiteral([...rowStates, "all"]).withOptions({ history: "push" }),
  );
  const fresh = useMutation({
    mutationFn: () => client.backfills.get.query({ id: backfill.id }),
    onSuccess: setBackfill,
  });
  // What failed is what somebody comes for; the address can say otherwise.
  const opened = backfill.counts.failed > 0 ? "failed" : "all";
  const shown = chosen ?? opened;
  const state = shown === "all" ? null : shown;
  return (
    <FlowZone zone={backfill.timezone}>
      <Page>
        <header className="grid gap-2">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
            <h1 className="flex min-w-0 flex-wrap items-center gap-x-2.5 gap-y-1 font-semibold text-xl tracking-tight">
              <Link
                href={`/flows/${encodeURIComponent(backfill.flow)}`}
                className="min-w-0 truncate hover:underline"
              >
                {backfill.flowName ?? backfill.flow}
              </Link>
              <span className="font-normal text-faint">{t("name", { id: backfill.id })}</span>
              <BackfillBadge state={backfill.state} />
            </h1>
            <div className="flex flex-wrap items-center gap-2 md:ml-auto">
              <BackfillControls backfill={backfill} onChanged={setBackfill} />
              {backfill.state === "planned" ? null : (
                <ButtonLink href={`/runs?backfill=${backfill.id}`}>
                  <List aria-hidden />
                  {t("runsLink")}
                </ButtonLink>
              )}
              {backfill.finishedAt === null ? null : (
                <ButtonLink
                  href={`/flows/${encodeURIComponent(backfill.flow)}/backfill?from=${backfill.id}`}
                >
                  {t("again")}
                </ButtonLink>
              )}
            </div>
          </div>
          <Facts backfill={backfill} />
        </header>
        {backfill.pause === null ? null : <PauseNotice pause={backfill.pause} />}
        {backfill.state === "planned" ? (
          <StartPanel
            backfill={backfill}
            onChanged={setBackfill}
            onStale={() => {
              fresh.mutate();
              reload();
              const queryKey = trpc.backfills.intervals.pathKey();
              void queryClient.invalidateQueries({ queryKey });
            }}
          />
        ) : null}
        <StaleNotice query={query} />
        <section aria-label={t("map")} className="grid gap-3 rounded-lg border bg-surface p-3">
          <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
            <StateCounts
              counts={backfill.counts}
              chosen={state}
              onChoose={(next) => void setChosen(next ?? "all")}
            />
            {backfill.state === "planned" ? null : <Pace backfill={backfill} />}
          </div>
          {backfill.state === "planned" ? null : (
            <BackfillProgress counts={backfill.counts} total={backfill.total} />
          )}
          {cells === null ? (
            <Skeleton className="h-40" />
          ) : (
            <BackfillMap cells={cells} zone={backfill.timezone} />
          )}
        </section>
        <RowList key={shown} backfill={backfill} state={state} />
        <Events backfill={backfill} />
      </Page>
    </FlowZone>
  );
}

function Pace({ backfill }: { backfill: BackfillDetail }) {
  const t = useTranslations("backfills");
  const number = useNumberText();
  const duration = useDurationText();
  const { perHour, eta, now } = backfill;
  if (perHour === null) return null;
  return (
    <dl className="flex flex-wrap gap-x-4 gap-y-1 text-sm">
      <Fact name={t("pace")}>{t("perHour", { count: number(Math.round(perHour)) })}</Fact>
      {eta === null ? null : (
        <Fact name={t("eta")}>
          {t("etaIn", { duration: duration(Date.parse(eta) - Date.parse(now)) })}
        </Fact>
      )}
    </dl>
  );
}

function Facts({ backfill }: { backfill: BackfillDetail }) {
  const t = useTranslations("backfills");
  const words = useTranslations("common");
  const { source, range, params } = backfill;
  const given = Object.entries(params);
  return (
    <>
      <dl className="flex flex-wrap items-center gap-x-4 gap-y-1 text-sm">
        <Fact name={words("term.revision")}>
          r{backfill.revision}
          {backfill.revision === backfill.latestRevision ? null : (
            <span className="text-faint">
              {" "}
              {t("latestIs", { number: backfill.latestRevision })}
            </span>
          )}
        </Fact>
        {range === null ? null : (
          <Fact name={t("range")}>
            <Interval start={range.start} end={range.end} />
          </Fact>
        )}
        <Fact name={t("step")}>
          {source.kind !== "range"
            ? t(`source.${source.kind}`)
            : source.schedule === null || source.schedule === 1
              ? t(`steps.${source.step}`)
              : t("stepNth", { number: source.schedule })}
        </Fact>
        {source.kind === "sets" ? null : (
          <Fact name={t("order")}>{t(`orders.${backfill.order}`)}</Fact>
        )}
        {backfill.controls.setConcurrency ? null : (
          <Fact name={t("concurrency")}>{backfill.concurrency}</Fact>
        )}
        <Fact name={t("reprocess")}>{t(`reprocessModes.${backfill.reprocess}`)}</Fact>
        {backfill.canary === null ? null : (
          <Fact name={t("canary")}>{t("canaryValue", { count: backfill.canary })}</Fact>
        )}
        {backfill.stopAfter === null ? null : (
          <Fact name={t("stopAfter")}>{backfill.stopAfter}</Fact>
        )}
        {given.length === 0 ? null : (
          <Fact name={words("term.parameters")}>
            <span className="flex min-w-0 flex-wrap gap-x-2 font-mono text-xs">
              {given.map(([name, value]) => (
                <span key={name} className="break-all">
                  {name}={paramText(value)}
                </span>
              ))}
            </span>
          </Fact>
        )}
        <Fact name={t("by")}>{backfill.createdBy}</Fact>
        <Fact name={words("term.created")}>
          <Time at={backfill.createdAt} precision="minute" />
        </Fact>
      </dl>
      {backfill.reason === null ? null : (
        <p className="text-muted text-sm">{t("reason", { reason: backfill.reason })}</p>
      )}
    </>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex min-w-0 items-center gap-1.5">
      <dt className="text-faint">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  );
}

function PauseNotice({ pause }: { pause: BackfillPause }) {
  const t = useTranslations("backfills");
  const text = {
    person: () => (pause.kind === "person" ? t("pausedBy", { name: pause.by }) : ""),
    canary: () => (pause.kind === "canary" ? t("pausedCanary", { count: pause.failed }) : ""),
    failures: () => (pause.kind === "failures" ? t("pausedFailures", { count: pause.failed }) : ""),
    archived: () => t("pausedArchived"),
    fault: () => (pause.kind === "fault" ? t("pausedFault", { message: pause.message }) : ""),
  }[pause.kind]();
  return (
    <p
      role="status"
      className="flex items-start gap-2 rounded-md bg-yellow-soft px-3 py-2 text-sm text-yellow"
    >
      <CirclePause aria-hidden className="mt-0.5 size-4 shrink-0" />
      {text}
    </p>
  );
}

const verbs = [
  "started",
  "paused",
  "resumed",
  "concurrency",
  "cancel_requested",
  "retried",
  "stopped",
  "ended",
  "rerun",
] as const;

/** What an event says of a thing, such as the run that it made; "" where it says nothing. */
const saidOf = (detail: Json, thing: "run" | "parent" | "reason"): string =>
  typeof detail === "object" && detail !== null && !Array.isArray(detail)
    ? String(detail[thing] ?? "")
    : "";

function RunLink({ run }: { run: string }) {
  return (
    <Link href={`/runs/${run}`} className="text-accent hover:underline">
      #{run}
    </Link>
  );
}

/** The actor of what nobody asked for. */
const ITSELF = "backfill";

function Events({ backfill }: { backfill: BackfillDetail }) {
  const t = useTranslations("backfills");
  if (backfill.events.length === 0) return null;
  return (
    <Panel title={t("events")}>
      <ul>
        {backfill.events.map((event) => {
          const verb = verbs.find((known) => known === event.verb);
          // The reason of the start stands at the top of the page.
          const reason = verb === "started" ? "" : saidOf(event.detail, "reason");
          return (
            <li
              key={event.id}
              className="flex items-center gap-3 border-t px-3 py-1.5 text-sm first:border-0"
            >
              <History aria-hidden className="size-3.5 shrink-0 text-faint" />
              <span className="min-w-0 flex-1 truncate">
                <span className="font-medium">
                  {event.actor === ITSELF ? t("itself") : event.actor}
                </span>{" "}
                <span className="text-muted">
                  {verb === undefined
                    ? event.verb
                    : t.rich(`verbs.${verb}`, {
                        run: () => <RunLink run={saidOf(event.detail, "run")} />,
                        parent: () => <RunLink run={saidOf(event.detail, "parent")} />,
                      })}
                  {reason === "" ? null : ` · ${t("reason", { reason })}`}
                </span>
              </span>
              <Ago at={event.at} serverNow={backfill.now} className="text-faint text-xs" />
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}
