"use client";
import { useQuery } from "@tanstack/react-query";
import {
  Archive,
  CalendarDays,
  Code,
  Grid3x3,
  History,
  Play,
  RotateCw,
  TriangleAlert,
  Workflow,
} from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { parseAsStringLiteral, useQueryState } from "nuqs";
import { ToldChannels } from "#components/notify/told-channels.tsx";
import { SchedulePanel } from "#components/schedule/schedule-panel.tsx";
import { useTRPC } from "#components/shell/api.tsx";
import { Page, PageHeader } from "#components/shell/page.tsx";
import { useShortcut } from "#components/shell/shortcuts.tsx";
import { StaleNotice } from "#components/shell/stale-notice.tsx";
import { FlowZone } from "#components/time/zone.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { ButtonLink } from "#components/ui/button.tsx";
import { TabPanel, Tabs } from "#components/ui/tabs.tsx";
import type { FlowDetail, FlowGrid } from "#server/core/flow/view.ts";
import type { ScheduleList } from "#server/core/schedule/view.ts";
import { CalendarView } from "./calendar-view.tsx";
import { FlowCode } from "./flow-code.tsx";
import { FlowGraph } from "./flow-graph.tsx";
import { FlowGridView } from "./flow-grid-view.tsx";
import { ProblemList } from "./problem-list.tsx";
import { AdviceView } from "./retry-advice.tsx";
import { UnmetCalls } from "./unmet-calls.tsx";

export const flowViews = ["grid", "graph", "calendar", "code", "retries"] as const;

function Facts({ flow }: { flow: FlowDetail }) {
  const t = useTranslations("flow");
  return (
    <div className="mt-1.5 flex flex-wrap items-center gap-x-3 gap-y-1 text-muted text-xs">
      {flow.name === null ? null : <span className="font-mono">{flow.id}</span>}
      <span>
        {t("revision", { number: flow.revision })}{" "}
        <span className="font-mono text-faint">{flow.revisionHash.slice(0, 8)}</span>
      </span>
      <span>{t("tasks", { count: flow.taskCount })}</span>
      {flow.owner === null ? null : <span>{t("owner", { owner: flow.owner })}</span>}
      {flow.sourcePath === null ? null : <span className="font-mono">{flow.sourcePath}</span>}
      {flow.tags.map((tag) => (
        <Badge key={tag}>{tag}</Badge>
      ))}
      <ToldChannels notify={flow.spec.notify} />
    </div>
  );
}

/** One flow: its past runs task by task, its graph, its definition. */
export function FlowPage({
  initial,
  grid,
  schedules,
}: {
  initial: FlowDetail;
  grid: FlowGrid;
  schedules: ScheduleList;
}) {
  const t = useTranslations("flow");
  const words = useTranslations();
  const trpc = useTRPC();
  const router = useRouter();
  const query = useQuery(
    trpc.flows.get.queryOptions(
      { id: initial.id },
      { initialData: initial, refetchInterval: 10_000 },
    ),
  );
  const flow = query.data;
  const [view, setView] = useQueryState(
    "view",
    parseAsStringLiteral(flowViews).withDefault("grid").withOptions({ history: "push" }),
  );
  const runHref = `/flows/${encodeURIComponent(flow.id)}/run`;
  const archived = flow.archivedAt !== null;
  useShortcut({
    keys: "n",
    label: words("shortcuts.run"),
    enabled: !archived,
    run: () => router.push(runHref),
  });

  return (
    <FlowZone zone={flow.spec.schedules[0]?.timezone ?? "UTC"}>
      <Page className="max-w-none">
        <PageHeader
          title={flow.name ?? flow.id}
          description={flow.description ?? undefined}
          actions={
            archived ? (
              <Badge outline>
                <Archive aria-hidden className="size-3.5" />
                {t("archived")}
              </Badge>
            ) : (
              <>
                <ButtonLink href={`/flows/${encodeURIComponent(flow.id)}/backfill`}>
                  <History aria-hidden />
                  {words("backfills.new")}
                </ButtonLink>
                <ButtonLink href={runHref} variant="primary">
                  <Play aria-hidden />
                  {t("run")}
                </ButtonLink>
              </>
            )
          }
        >
          <Facts flow={flow} />
        </PageHeader>
        <StaleNotice query={query} />
        {flow.problems.length === 0 ? null : (
          <section className="grid gap-2 rounded-md bg-failed-soft px-3 py-2.5">
            <h2 className="flex items-center gap-2 font-medium text-failed text-sm">
              <TriangleAlert aria-hidden className="size-4" />
              {words("flows.keepsRevision", { revision: flow.revision })}
            </h2>
            <ProblemList problems={flow.problems} />
          </section>
        )}
        {flow.unmetCalls.length === 0 ? null : <UnmetCalls calls={flow.unmetCalls} />}
        <SchedulePanel flow={flow.id} initial={schedules} />
        <Tabs
          label={t("views")}
          value={view}
          onChange={(next) => void setView(next)}
          className="flex-1"
          options={[
            { value: "grid", label: <Label icon={<Grid3x3 aria-hidden />} text={t("grid")} /> },
            { value: "graph", label: <Label icon={<Workflow aria-hidden />} text={t("graph")} /> },
            {
              value: "calendar",
              label: (
                <Label icon={<CalendarDays aria-hidden />} text={words("backfills.calendar.tab")} />
              ),
            },
            { value: "code", label: <Label icon={<Code aria-hidden />} text={t("code")} /> },
            {
              value: "retries",
              label: <Label icon={<RotateCw aria-hidden />} text={words("advice.tab")} />,
            },
          ]}
        >
          <TabPanel value="grid" className="pt-4">
            <FlowGridView flow={flow} initial={grid} />
          </TabPanel>
          <TabPanel value="graph" className="flex flex-col pt-4">
            <FlowGraph flow={flow} />
          </TabPanel>
          <TabPanel value="calendar" className="pt-4">
            <CalendarView flow={flow} />
          </TabPanel>
          <TabPanel value="code" className="pt-4">
            <FlowCode flow={flow} />
          </TabPanel>
          <TabPanel value="retries" className="grid content-start gap-4 pt-4">
            <AdviceView flow={flow} />
          </TabPanel>
        </Tabs>
      </Page>
    </FlowZone>
  );
}

function Label({ icon, text }: { icon: React.ReactNode; text: string }) {
  return (
    <>
      {icon}
      {text}
    </>
  );
}
