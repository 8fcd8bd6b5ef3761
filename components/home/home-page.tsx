"use client";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { NextTicksPanel } from "#components/schedule/next-ticks-panel.tsx";
import { useTRPC } from "#components/shell/api.tsx";
import { Page } from "#components/shell/page.tsx";
import { useRowKeys } from "#components/shell/row-keys.ts";
import { StaleNotice } from "#components/shell/stale-notice.tsx";
import type { OverviewView } from "#server/core/overview.ts";
import { ActiveBackfills } from "./active-backfills.tsx";
import { ActiveRuns } from "./active-runs.tsx";
import { FailureList } from "./failure-list.tsx";
import { HealthPanel } from "./health-panel.tsx";
import { StatStrip } from "./stat-strip.tsx";
import { Welcome } from "./welcome.tsx";

/** What needs a person now: failures first, then what runs, then whether the machinery is well. */
export function HomePage({ initial }: { initial: OverviewView }) {
  const t = useTranslations("home");
  const trpc = useTRPC();
  const query = useQuery(
    trpc.overview.get.queryOptions(undefined, { initialData: initial, refetchInterval: 5_000 }),
  );
  const overview = query.data;
  useRowKeys();

  const nothingYet =
    overview.flowCount === 0 || (overview.runCount24h === 0 && overview.active.length === 0);

  return (
    <Page>
      <h1 className="sr-only">{t("title")}</h1>
      <StaleNotice query={query} />
      <StatStrip overview={overview} />
      {nothingYet && overview.failures.length === 0 ? (
        <Welcome flowCount={overview.flowCount} />
      ) : (
        <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1.7fr)_minmax(0,1fr)]">
          <FailureList
            failures={overview.failures}
            count={overview.failureCount}
            serverNow={overview.now}
          />
          <div className="grid gap-4">
            <ActiveRuns
              runs={overview.active}
              counts={overview.activeCounts}
              serverNow={overview.now}
            />
            <ActiveBackfills />
            <NextTicksPanel ticks={overview.nextTicks} serverNow={overview.now} />
            <HealthPanel overview={overview} />
          </div>
        </div>
      )}
    </Page>
  );
}
