"use client";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { NoRunner } from "#components/runner/no-runner.tsx";
import { useTRPC } from "#components/shell/api.tsx";
import { Page, PageHeader } from "#components/shell/page.tsx";
import { StaleNotice } from "#components/shell/stale-notice.tsx";
import { Ago, useNumberText } from "#components/time/time.tsx";
import { Panel } from "#components/ui/panel.tsx";
import type { QueueView } from "#server/core/queue/view.ts";
import { HistoryChart } from "./history-chart.tsx";
import { PoolList } from "./pool-list.tsx";
import { SaturationText } from "./saturation.tsx";
import { WaitGroups } from "./wait-groups.tsx";

function Figure({ label, value, hint }: { label: string; value: ReactNode; hint: ReactNode }) {
  return (
    <div className="grid content-start gap-0.5 bg-surface px-4 py-3">
      <dt className="text-muted text-xs">{label}</dt>
      <dd className="font-semibold text-xl tabular-nums">{value}</dd>
      <dd className="text-faint text-xs">{hint}</dd>
    </div>
  );
}

/** How deep the queue is, what waits and why, and what there is to run it in. */
export function QueuePage({ initial }: { initial: QueueView }) {
  const t = useTranslations("queue");
  const trpc = useTRPC();
  const number = useNumberText();
  const query = useQuery(
    trpc.queue.get.queryOptions(undefined, { initialData: initial, refetchInterval: 2_000 }),
  );
  const queue = query.data;
  const { slots, running, perMinute, points } = queue;
  return (
    <Page>
      <PageHeader title={t("title")} description={t("description")} />
      <StaleNotice query={query} />
      {slots === 0 ? (
        <Panel className="overflow-hidden">
          <NoRunner compact />
        </Panel>
      ) : null}
      <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border bg-line lg:grid-cols-4">
        <Figure
          label={t("ready")}
          value={number(queue.ready)}
          hint={
            queue.oldestReadyAt === null ? (
              t("nothing")
            ) : (
              <>
                {t("oldest")} <Ago at={queue.oldestReadyAt} serverNow={queue.now} />
              </>
            )
          }
        />
        <Figure
          label={t("inUse")}
          value={
            <>
              {number(running)}
              <span className="font-normal text-faint text-sm"> / {number(slots)}</span>
            </>
          }
          hint={
            queue.full === null ? (
              t("allSlots.unknown")
            ) : (
              <SaturationText full={queue.full} what="allSlots" />
            )
          }
        />
        <Figure
          label={t("throughput")}
          value={perMinute === null ? "–" : number(Math.round(perMinute))}
          hint={t("perMinute")}
        />
        <Figure
          label={t("later")}
          value={number(queue.retryWait + queue.held)}
          hint={t("laterHint", { retries: queue.retryWait, held: queue.held })}
        />
      </dl>
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1.2fr)_minmax(0,1fr)]">
        <WaitGroups queue={queue} />
        <div className="grid gap-4">
          <PoolList pools={queue.pools} serverNow={queue.now} />
          <Panel title={t("history.title")}>
            <div className="grid divide-y">
              <HistoryChart
                title={t("history.ready")}
                points={points}
                value={(point) => point.ready}
              />
              <HistoryChart
                title={t("history.ended")}
                points={points}
                value={(point) => point.perMinute}
              />
            </div>
          </Panel>
        </div>
      </div>
    </Page>
  );
}
