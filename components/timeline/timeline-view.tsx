"use client";
import { useQueries } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { Route } from "lucide-react";
import { useTranslations } from "next-intl";
import { memo, useMemo, useRef, useState } from "react";
import { criticalPath } from "#components/dag/critical-path.ts";
import { indexGraph } from "#components/dag/graph-index.ts";
import { useSize } from "#components/dag/use-size.ts";
import { useTRPCClient } from "#components/shell/api.tsx";
import { StatusIcon } from "#components/status/status.tsx";
import { statusColor } from "#components/status/status-look.ts";
import { useNow } from "#components/time/now.ts";
import { useDurationText } from "#components/time/time.tsx";
import { Button } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import type { AttemptView } from "#server/core/run/attempt-view.ts";
import { isRunEnded } from "#server/core/run/states.ts";
import type { RunDetail } from "#server/core/run/view.ts";
import { type TimeAxis, timeAxis } from "./time-axis.ts";
import { type TimelineRow, timelineOf } from "./timeline-model.ts";

const ROW = 28;
const NAMES = 200;
const NARROW_NAMES = 112;
/** Room for the widest label of the axis, in pixels. */
const LABEL = 40;
const END_GAP = 12;
/** Attempts are loaded for this many tasks with retries; beyond it only their latest is drawn. */
const MOST_LOADED = 60;

/** When each task waited and ran, attempt by attempt, on one axis that starts with the run. */
export function TimelineView({
  run,
  selected,
  onSelect,
  className,
}: {
  run: RunDetail;
  selected: string | null;
  onSelect: (task: string) => void;
  className?: string;
}) {
  const t = useTranslations("run.timeline");
  const write = useDurationText();
  const [host, size] = useSize();
  const [critical, setCritical] = useState(false);
  const scroller = useRef<HTMLDivElement>(null);
  const now = useNow(run.now, isRunEnded(run.state) ? null : 500);
  const attempts = useRetried(run);
  const timeline = useMemo(() => timelineOf(run, attempts, now), [run, attempts, now]);
  const index = useMemo(() => indexGraph(run.graph), [run.graph]);
  const path = useMemo(
    () => new Set(critical ? criticalPath(index, run.tasks, now) : []),
    [critical, index, run.tasks, now],
  );
  const rows = useVirtualizer({
    count: timeline.rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 10,
  });
  const names = size !== null && size.width < 520 ? NARROW_NAMES : NAMES;
  const width = Math.max(40, (size?.width ?? 800) - names - END_GAP - 16);
  const axis = useMemo(
    () => timeAxis(timeline.start, timeline.end, width),
    [timeline.start, timeline.end, width],
  );
  return (
    <section ref={host} aria-label={t("label")} className={cn("flex min-h-0 flex-col", className)}>
      <div className="flex items-center gap-1 border-b px-2 py-1.5">
        <p className="mr-auto flex flex-wrap items-center gap-x-3 px-1 text-muted text-xs">
          <span className="inline-flex items-center gap-1.5">
            <span aria-hidden className="timeline-wait-key h-2 w-4 rounded-sm bg-fill-strong" />
            {t("waiting")}
          </span>
          <span className="inline-flex items-center gap-1.5">
            <span aria-hidden className="h-2 w-4 rounded-sm bg-success-solid" />
            {t("attempt")}
          </span>
        </p>
        <Button
          variant="ghost"
          size="sm"
          aria-pressed={critical}
          onClick={() => setCritical(!critical)}
          className="px-2 aria-pressed:bg-fill-strong aria-pressed:text-text"
        >
          <Route aria-hidden className="size-3.5!" />
          {t("critical")}
        </Button>
      </div>
      <section
        ref={scroller}
        className="min-h-0 flex-1 overflow-y-auto"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take the focus
        tabIndex={0}
        aria-label={t("tasks")}
      >
        {size === null ? null : (
          <>
            <svg
              aria-hidden
              width={size.width - 16}
              height={24}
              className="sticky top-0 z-10 block bg-surface text-2xs"
            >
              {axis.marks.map((mark) => (
                <text
                  key={mark.after}
                  x={names + mark.x}
                  y={16}
                  // A label that would leave the axis ends at its mark instead.
                  textAnchor={mark.x + LABEL > width + END_GAP ? "end" : "start"}
                  className="fill-faint"
                >
                  {write(mark.after)}
                </text>
              ))}
            </svg>
            <ul className="relative" style={{ height: rows.getTotalSize() }}>
              {rows.getVirtualItems().map((item) => {
                const row = timeline.rows[item.index];
                if (row === undefined) return null;
                return (
                  <li
                    key={row.task.id}
                    className="absolute inset-x-0"
                    style={{ height: ROW, transform: `translateY(${item.start}px)` }}
                  >
                    <Row
                      row={row}
                      axis={axis}
                      names={names}
                      width={width}
                      selected={row.task.id === selected}
                      critical={path.has(row.task.id)}
                      onSelect={onSelect}
                    />
                  </li>
                );
              })}
            </ul>
          </>
        )}
      </section>
    </section>
  );
}

const Row = memo(function Row({
  row,
  axis,
  names,
  width,
  selected,
  critical,
  onSelect,
}: {
  row: TimelineRow;
  axis: TimeAxis;
  names: number;
  width: number;
  selected: boolean;
  critical: boolean;
  onSelect: (task: string) => void;
}) {
  const t = useTranslations();
  const write = useDurationText();
  const attempts = row.bars.filter((bar) => bar.kind === "attempt");
  const last = attempts.at(-1);
  return (
    <button
      type="button"
      aria-current={selected || undefined}
      data-critical={critical || undefined}
      onClick={() => onSelect(row.task.id)}
      className={cn(
        "flex h-full w-full cursor-default items-center text-left text-text hover:bg-fill -outline-offset-2",
        selected && "bg-fill-strong hover:bg-fill-strong",
      )}
    >
      <span
        style={{ width: names }}
        className="flex shrink-0 items-center gap-2 overflow-hidden px-2"
      >
        <StatusIcon
          state={row.task.state}
          label={t(`common.state.${row.task.state}`)}
          className="size-3.5"
        />
        <span className={cn("truncate text-xs", critical && "font-semibold")} title={row.task.id}>
          {row.name}
        </span>
      </span>
      <svg width={width + END_GAP} height={ROW} className="shrink-0 overflow-visible" aria-hidden>
        {axis.marks.map((mark) => (
          <line
            key={mark.after}
            x1={mark.x}
            x2={mark.x}
            y1={0}
            y2={ROW}
            className="stroke-line"
            strokeWidth={1}
          />
        ))}
        {row.bars.map((bar) => {
          const x = axis.x(bar.start);
          const length = Math.max(2, axis.x(bar.end) - x);
          const state = bar.state ?? "waiting";
          const text = t(bar.kind === "wait" ? "run.timeline.waitBar" : "run.timeline.attemptBar", {
            attempt: bar.attempt,
            state: t(`common.state.${state}`),
            length: write(bar.end - bar.start),
          });
          return bar.kind === "wait" ? (
            <rect
              key={`wait ${bar.start}`}
              x={x}
              y={ROW / 2 - 1.5}
              width={length}
              height={3}
              rx={1.5}
              className="fill-line-strong"
            >
              <title>{text}</title>
            </rect>
          ) : (
            <rect
              key={`attempt ${bar.attempt}`}
              data-state={state}
              x={x}
              y={7}
              width={length}
              height={ROW - 14}
              rx={3}
              fill={statusColor(state)}
              stroke={critical ? "var(--text)" : "none"}
              strokeWidth={1.5}
              className={bar.open ? "timeline-open" : undefined}
            >
              <title>{text}</title>
            </rect>
          );
        })}
      </svg>
      <span className="sr-only">
        {last === undefined
          ? null
          : t("run.timeline.attemptBar", {
              attempt: last.attempt,
              state: t(`common.state.${last.state ?? "waiting"}`),
              length: write(last.end - last.start),
            })}
      </span>
    </button>
  );
});

/** The attempts of tasks that were tried more than once. */
function useRetried(run: RunDetail): ReadonlyMap<string, readonly AttemptView[]> {
  const client = useTRPCClient();
  const retried = run.tasks.filter((task) => task.attempt > 1).slice(0, MOST_LOADED);
  return useQueries({
    queries: retried.map((task) => ({
      // Another state means another attempt: its forerunner's end is read anew.
      queryKey: ["timeline attempts", run.id, task.id, task.attempt, task.state],
      queryFn: () => client.runs.attempts.query({ id: run.id, task: task.id }),
      staleTime: Infinity,
    })),
    combine: (results) =>
      new Map(
        results.flatMap((result, i) => {
          const task = retried[i];
          return task && result.data ? [[task.id, result.data] as const] : [];
        }),
      ),
  });
}
