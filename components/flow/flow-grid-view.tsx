"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { CirclePlay, Play } from "lucide-react";
import { useTranslations } from "next-intl";
import { useCallback, useMemo, useState } from "react";
import { taskName } from "#components/run/task-name.ts";
import { useTRPC } from "#components/shell/api.tsx";
import { StaleNotice } from "#components/shell/stale-notice.tsx";
import { runLength } from "#components/status/run-length.ts";
import { StatusText } from "#components/status/status.tsx";
import { Duration, Interval, Time } from "#components/time/time.tsx";
import { Button, ButtonLink } from "#components/ui/button.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Panel } from "#components/ui/panel.tsx";
import { useMedia } from "#components/ui/use-media.ts";
import type { FlowDetail, FlowGrid } from "#server/core/flow/view.ts";
import { GridGraph } from "./grid-graph.tsx";
import { type CellAt, type GridModel, joinGrid } from "./grid-model.ts";
import { RunTaskGrid } from "./run-task-grid.tsx";

const PAGE = 30;
/** There is room for the graph beside the grid. */
const WIDE = "(width >= 80rem)";

/** One line about what the pointer or the cursor is on, so that cells need no text of their own. */
function CellFacts({ flow, model, at }: { flow: FlowDetail; model: GridModel; at: CellAt | null }) {
  const t = useTranslations("flow");
  const run = at === null ? undefined : model.runs[at.run];
  if (at === null || run === undefined) {
    return (
      <p className="truncate text-faint text-xs">
        {t("gridOrder")} <span className="hidden sm:inline">{t("gridHint")}</span>
      </p>
    );
  }
  const task = at.task < 0 ? undefined : model.tasks[at.task];
  const state = task === undefined ? run.state : model.state(at.run, at.task);
  const length = runLength(run);
  return (
    <p className="flex min-w-0 items-center gap-3 overflow-hidden whitespace-nowrap text-muted text-xs">
      <span className="font-medium text-text">#{run.id}</span>
      {task === undefined ? null : (
        <span className="truncate text-text">{taskName(flow.graph, task.id)}</span>
      )}
      {state === null ? t("notInRevision") : <StatusText state={state} className="text-xs" />}
      <Time at={run.createdAt} />
      {length === null ? null : <Duration ms={length} />}
      {run.interval === null ? null : (
        <Interval start={run.interval.start} end={run.interval.end} />
      )}
      <span>{t("revision", { number: run.revision })}</span>
    </p>
  );
}

/** Past runs of a flow, one column each, with the state of every task. */
export function FlowGridView({ flow, initial }: { flow: FlowDetail; initial: FlowGrid }) {
  const t = useTranslations("flow");
  const words = useTranslations("common");
  const trpc = useTRPC();
  const [pointed, setPointed] = useState<CellAt | null>(null);
  const wide = useMedia(WIDE);
  const query = useInfiniteQuery(
    trpc.flows.grid.infiniteQueryOptions(
      { flow: flow.id, limit: PAGE },
      {
        getNextPageParam: (page) => page.next,
        initialData: { pages: [initial], pageParams: [null] },
      },
    ),
  );
  const nameOf = useCallback((id: string) => taskName(flow.graph, id), [flow.graph]);
  const model = useMemo(() => joinGrid(query.data.pages), [query.data.pages]);

  if (model.runs.length === 0) {
    return (
      <Panel>
        <EmptyState
          icon={<CirclePlay />}
          title={t("noRuns")}
          action={
            flow.archivedAt === null ? (
              <ButtonLink href={`/flows/${encodeURIComponent(flow.id)}/run`} variant="primary">
                <Play aria-hidden />
                {t("run")}
              </ButtonLink>
            ) : undefined
          }
        >
          {t("noRunsHint")}
        </EmptyState>
      </Panel>
    );
  }
  return (
    <div className="grid items-start gap-4 xl:grid-cols-[fit-content(58%)_minmax(0,1fr)]">
      <div className="grid min-w-0 gap-3">
        <StaleNotice query={query} />
        <Panel className="overflow-hidden">
          <div className="flex h-9 items-center border-b px-3">
            <CellFacts flow={flow} model={model} at={pointed} />
          </div>
          <RunTaskGrid
            model={model}
            nameOf={nameOf}
            label={t("gridLabel", { flow: flow.name ?? flow.id })}
            onPoint={setPointed}
            more={
              query.hasNextPage ? (
                <Button
                  size="sm"
                  variant="ghost"
                  disabled={query.isFetchingNextPage}
                  onClick={() => void query.fetchNextPage()}
                >
                  {words("more")}
                </Button>
              ) : null
            }
          />
        </Panel>
      </div>
      {wide ? <GridGraph flow={flow} model={model} run={pointed?.run ?? 0} /> : null}
    </div>
  );
}
