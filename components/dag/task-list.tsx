"use client";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useTranslations } from "next-intl";
import { memo, useEffect, useMemo, useRef, useState } from "react";
import { StatusIcon } from "#components/status/status.tsx";
import { statusLook, toneClass } from "#components/status/status-look.ts";
import { LiveDuration, useDurationText } from "#components/time/time.tsx";
import { cn } from "#components/ui/cn.ts";
import { Input } from "#components/ui/input.tsx";
import type { GraphView } from "#server/core/flow/view.ts";
import { isTaskEnded } from "#server/core/run/states.ts";
import type { TaskRunView } from "#server/core/run/view.ts";

const ROW = 34;
/** From this many tasks on a filter is offered. */
const MANY = 12;

type GraphTask = GraphView["tasks"][number];

/** The tasks of a graph as a list: what the canvas shows, for the keyboard and for narrow screens. */
export function TaskList({
  graph,
  tasks,
  now,
  selected,
  onSelect,
  className,
}: {
  graph: GraphView;
  tasks?: readonly TaskRunView[] | undefined;
  now?: string | undefined;
  selected: string | null;
  onSelect: (task: string) => void;
  className?: string;
}) {
  const t = useTranslations("dag");
  const [filter, setFilter] = useState("");
  const scroller = useRef<HTMLDivElement>(null);
  const runs = useMemo(() => new Map(tasks?.map((task) => [task.id, task])), [tasks]);
  const shown = useMemo(() => {
    const wanted = filter.trim().toLowerCase();
    if (wanted === "") return graph.tasks;
    return graph.tasks.filter(
      (task) => task.id.toLowerCase().includes(wanted) || task.name?.toLowerCase().includes(wanted),
    );
  }, [graph, filter]);
  const rows = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 8,
  });

  // The selected task is brought into view when it changes, not while people scroll.
  const place = selected === null ? -1 : shown.findIndex((task) => task.id === selected);
  useEffect(() => {
    if (place >= 0) rows.scrollToIndex(place, { align: "auto" });
  }, [place, rows]);

  return (
    <div className={cn("flex min-h-0 flex-col", className)}>
      {graph.tasks.length > MANY ? (
        <div className="border-b p-2">
          <Input
            type="search"
            value={filter}
            onChange={(event) => setFilter(event.target.value)}
            aria-label={t("filter")}
            placeholder={t("filter")}
            className="h-7 text-xs"
          />
        </div>
      ) : null}
      <section
        ref={scroller}
        className="min-h-0 flex-1 overflow-y-auto p-1"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take the focus
        tabIndex={0}
        aria-label={t("list")}
      >
        <ul className="relative" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((row) => {
            const task = shown[row.index];
            if (task === undefined) return null;
            return (
              <li
                key={task.id}
                className="absolute inset-x-0"
                style={{ height: ROW, transform: `translateY(${row.start}px)` }}
              >
                <Row
                  task={task}
                  run={runs.get(task.id) ?? null}
                  now={now}
                  selected={task.id === selected}
                  onSelect={onSelect}
                />
              </li>
            );
          })}
        </ul>
        {shown.length === 0 ? (
          <p className="px-2 py-6 text-center text-muted text-sm">{t("noMatch")}</p>
        ) : null}
      </section>
    </div>
  );
}

const Row = memo(function Row({
  task,
  run,
  now,
  selected,
  onSelect,
}: {
  task: GraphTask;
  run: TaskRunView | null;
  now: string | undefined;
  selected: boolean;
  onSelect: (task: string) => void;
}) {
  const t = useTranslations();
  const write = useDurationText();
  return (
    <button
      type="button"
      aria-current={selected || undefined}
      data-state={run?.state}
      onClick={() => onSelect(task.id)}
      className={cn(
        "flex h-8 w-full cursor-default items-center gap-2 rounded-md px-2 text-left text-sm text-text hover:bg-fill-strong",
        selected && "bg-fill-strong font-medium",
      )}
    >
      {run === null ? null : <StatusIcon state={run.state} />}
      <span className="min-w-0 flex-1 truncate" title={task.name ?? task.id}>
        {task.name ?? task.id}
      </span>
      {run !== null && run.attempt > 1 ? (
        <span className="text-muted text-xs" title={t("dag.attempts", { count: run.attempt })}>
          <span aria-hidden>{`×${run.attempt}`}</span>
          <span className="sr-only">{t("dag.attempts", { count: run.attempt })}</span>
        </span>
      ) : null}
      {run === null ? (
        <span className="font-mono text-2xs text-faint">{task.type}</span>
      ) : (
        <span className={cn("font-normal text-xs", toneClass[statusLook[run.state].tone].text)}>
          {t(`common.state.${run.state}`)}
        </span>
      )}
      {run?.startedAt && run.state === "running" && now !== undefined ? (
        <LiveDuration
          from={run.startedAt}
          to={null}
          serverNow={now}
          className="font-normal text-muted text-xs"
        />
      ) : null}
      {run?.startedAt && run.finishedAt && isTaskEnded(run.state) && run.state !== "reused" ? (
        <span className="whitespace-nowrap font-normal text-muted text-xs">
          {write(Date.parse(run.finishedAt) - Date.parse(run.startedAt))}
        </span>
      ) : null}
    </button>
  );
});
