"use client";
import { Braces, ChartGantt, FileJson, ScrollText, Workflow } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { parseAsInteger, parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { type ReactNode, useState } from "react";
import { DagCanvas } from "#components/dag/dag-canvas.tsx";
import { TaskList } from "#components/dag/task-list.tsx";
import { lineHashNow, setLineHash } from "#components/log/use-line-hash.ts";
import { changesHref, defaultScope, RerunButton } from "#components/rerun/rerun-button.tsx";
import { RerunDialog } from "#components/rerun/rerun-dialog.tsx";
import { Page } from "#components/shell/page.tsx";
import { useShortcut } from "#components/shell/shortcuts.tsx";
import { FlowZone } from "#components/time/zone.tsx";
import { TimelineView } from "#components/timeline/timeline-view.tsx";
import { ButtonLink } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import { TabPanel, Tabs } from "#components/ui/tabs.tsx";
import { isRunEnded } from "#server/core/run/states.ts";
import type { FirstError, RunDetail } from "#server/core/run/view.ts";
import { CancelRun } from "./cancel-run.tsx";
import { firstTask } from "./first-task.ts";
import { RunFailure } from "./run-failure.tsx";
import { RunHeader } from "./run-header.tsx";
import { RunManifest } from "./run-manifest.tsx";
import { taskName } from "./task-name.ts";
import { TaskPanel } from "./task-panel.tsx";
import { useRun } from "./use-run.ts";
import { RunWaitNotice } from "./wait-notice.tsx";

const tabs = ["graph", "timeline", "logs", "io", "manifest"] as const;
type Tab = (typeof tabs)[number];

const icons: Record<Tab, ReactNode> = {
  graph: <Workflow aria-hidden />,
  timeline: <ChartGantt aria-hidden />,
  logs: <ScrollText aria-hidden />,
  io: <Braces aria-hidden />,
  manifest: <FileJson aria-hidden />,
};

/** One run: how it stands, where it failed, the log there, and what can be done about it. */
export function RunPage({ initial }: { initial: RunDetail }) {
  const t = useTranslations("run");
  const words = useTranslations();
  const router = useRouter();
  const run = useRun(initial);
  const [{ tab, task, attempt, item }, setPlace] = useQueryStates(
    {
      tab: parseAsStringLiteral(tabs).withDefault("graph"),
      task: parseAsString,
      attempt: parseAsInteger,
      item: parseAsInteger,
    },
    { history: "push" },
  );
  const [rerun, setRerun] = useState<string | null>(null);
  const ended = isRunEnded(run.state);
  const selected = useSelected(run, task);
  const selectedTask = run.tasks.find(({ id }) => id === selected) ?? null;

  const select = (id: string) => {
    if (id === selected && task !== null) return;
    if (lineHashNow() !== null) setLineHash(null);
    void setPlace({ task: id, attempt: null, item: null });
  };
  const openError = (error: FirstError) => {
    const { task: id, attempt: number, line } = error;
    const shown = tab === "graph" || tab === "timeline" || tab === "logs";
    const place = { task: id, attempt: number, item: error.item ?? null };
    void setPlace({ ...place, ...(shown ? {} : { tab: "logs" }) }).then(() => {
      if (line === undefined) return;
      setLineHash({ first: line, last: line });
      window.dispatchEvent(new Event("hashchange"));
    });
  };

  useShortcut({
    keys: "r",
    label: words("shortcuts.rerun"),
    enabled: ended,
    run: () => setRerun(defaultScope(run.state)),
  });

  const startsWithLog = run.firstError !== null;
  const panel = (show: "log" | "io") =>
    selectedTask === null ? null : (
      <TaskPanel
        run={run}
        task={selectedTask}
        attempt={attempt}
        onAttempt={(number) => void setPlace({ attempt: number })}
        item={item}
        onItem={(number) => {
          if (lineHashNow() !== null) setLineHash(null);
          void setPlace({ task: selectedTask.id, item: number, attempt: null });
        }}
        onTask={select}
        show={show}
        className={cn(
          "min-h-[28rem] lg:min-h-0 lg:flex-1",
          // A log scrolls within its frame; without a height all of its lines would be drawn.
          show === "log" && "max-lg:max-h-[max(28rem,55dvh)]",
          // On narrow screens a failed run begins with the log of its failure.
          startsWithLog ? "max-lg:order-first" : "max-lg:border-t",
        )}
      />
    );
  const sides = "flex min-h-0 flex-1 flex-col overflow-hidden rounded-lg border lg:flex-row";
  const side = cn("lg:border-r", startsWithLog && "max-lg:border-t");
  const list = (
    <TaskList
      graph={run.graph}
      tasks={run.tasks}
      now={run.now}
      selected={selected}
      onSelect={select}
      className={cn("bg-surface max-lg:max-h-64 lg:w-72", side)}
    />
  );

  return (
    <FlowZone zone={run.timezone}>
      <Page fill className="max-w-none">
        <RunHeader
          run={run}
          actions={
            ended ? (
              <RerunButton
                run={run}
                task={selected}
                name={selected === null ? null : taskName(run.graph, selected)}
                onOpen={setRerun}
              />
            ) : (
              <>
                <ButtonLink href={changesHref(run)}>{words("rerun.withChanges")}</ButtonLink>
                <CancelRun run={run} />
              </>
            )
          }
        />
        <RunFailure run={run} onOpen={openError} />
        <RunWaitNotice run={run} />
        <Tabs
          label={t("views")}
          value={tab}
          onChange={(next) => void setPlace({ tab: next })}
          className="min-h-0 flex-1"
          options={tabs.map((value) => ({
            value,
            label: (
              <span className="inline-flex items-center gap-1.5 max-sm:[&_svg]:hidden">
                {icons[value]}
                {t(`tab.${value}`)}
              </span>
            ),
          }))}
        >
          <TabPanel value="graph" className="flex flex-col pt-3">
            <div className={sides}>
              <DagCanvas
                graph={run.graph}
                tasks={run.tasks}
                now={run.now}
                selected={selected}
                onSelect={select}
                className={cn("h-96 bg-surface lg:h-auto lg:flex-1", side)}
              />
              {panel("log")}
            </div>
          </TabPanel>
          <TabPanel value="timeline" className="flex flex-col pt-3">
            <div className={sides}>
              <TimelineView
                run={run}
                selected={selected}
                onSelect={select}
                className={cn("h-96 bg-surface lg:h-auto lg:flex-1", side)}
              />
              {panel("log")}
            </div>
          </TabPanel>
          <TabPanel value="logs" className="flex flex-col pt-3">
            <div className={sides}>
              {list}
              {panel("log")}
            </div>
          </TabPanel>
          <TabPanel value="io" className="flex flex-col pt-3">
            <div className={sides}>
              {list}
              {panel("io")}
            </div>
          </TabPanel>
          <TabPanel value="manifest" className="flex flex-col pt-3">
            <RunManifest run={run} />
          </TabPanel>
        </Tabs>
        {rerun === null ? null : (
          <RerunDialog
            run={run}
            scope={rerun}
            task={selected}
            onClose={() => setRerun(null)}
            onStarted={(id) => {
              setRerun(null);
              router.push(`/runs/${id}`);
            }}
          />
        )}
      </Page>
    </FlowZone>
  );
}

/**
 * The task in the address, else the one that the page opens at. What was opened at stays, so that a
 * log is not swapped while it is read; only a first failure takes over.
 */
function useSelected(run: RunDetail, chosen: string | null): string | null {
  const [opened, setOpened] = useState(() => ({ run: run.id, task: firstTask(run) }));
  const failed = run.firstError?.task ?? null;
  const started = run.tasks.find(({ id }) => id === opened.task)?.attempt !== 0;
  if (opened.run !== run.id || (failed !== null && opened.task !== failed) || !started) {
    const next = firstTask(run);
    if (next !== opened.task || opened.run !== run.id) setOpened({ run: run.id, task: next });
  }
  return chosen !== null && run.tasks.some(({ id }) => id === chosen) ? chosen : opened.task;
}
