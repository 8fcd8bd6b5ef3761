"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useTranslations } from "next-intl";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTRPC } from "#components/shell/api.tsx";
import { StaleNotice } from "#components/shell/stale-notice.tsx";
import { StatusIcon } from "#components/status/status.tsx";
import { statusLook, toneClass } from "#components/status/status-look.ts";
import { TaskProgress } from "#components/status/task-progress.tsx";
import { useDurationText } from "#components/time/time.tsx";
import { Button } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import { isTaskEnded } from "#server/core/run/states.ts";
import type { ItemView, TaskRunView } from "#server/core/run/view.ts";

const ROW = 28;
const PAGE = 500;
/** So many rows before the end of what is loaded, more is asked for. */
const AHEAD = 50;
/** A busy list is read anew no more often than this, in milliseconds. */
const EVERY_MS = 1_000;

/** The task runs of a task that is executed over a list: their states, and one to look at. */
export function ItemList({
  run,
  task,
  selected,
  onSelect,
}: {
  run: string;
  task: TaskRunView & { items: NonNullable<TaskRunView["items"]> };
  selected: number;
  onSelect: (item: number) => void;
}) {
  const t = useTranslations("run.items");
  const [failedOnly, setFailedOnly] = useState(false);
  const { items, query } = useItems(run, task, failedOnly);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 8,
  });
  // What is looked at comes into view once its row is there; afterwards people scroll as they like.
  const [shownFor, setShownFor] = useState<number | null>(null);
  const place = items.findIndex((item) => item.item === selected);
  useEffect(() => {
    if (place < 0 || shownFor === selected) return;
    rows.scrollToIndex(place, { align: "auto" });
    setShownFor(selected);
  }, [rows, place, selected, shownFor]);
  const shown = rows.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && last > items.length - AHEAD) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, last, items.length]);

  const failed = task.items.counts.failed ?? 0;
  return (
    <section aria-label={t("label")} className="border-b">
      <div className="flex min-h-9 flex-wrap items-center gap-x-3 gap-y-1 px-3 py-1">
        <span className="text-muted text-xs">{t("count", { count: task.items.total })}</span>
        <TaskProgress counts={task.items.counts} />
        {failed > 0 || failedOnly ? (
          <Button
            variant="ghost"
            size="sm"
            aria-pressed={failedOnly}
            onClick={() => setFailedOnly(!failedOnly)}
            className="ml-auto px-2 aria-pressed:bg-fill-strong aria-pressed:text-text"
          >
            {t("failedOnly", { count: failed })}
          </Button>
        ) : null}
      </div>
      <StaleNotice query={query} />
      <section
        ref={scroller}
        className="max-h-44 overflow-y-auto border-t px-1"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take the focus
        tabIndex={0}
        aria-label={t("list")}
      >
        <ul className="relative" style={{ height: rows.getTotalSize() }}>
          {shown.map((row) => {
            const item = items[row.index];
            if (item === undefined) return null;
            return (
              <li
                key={item.item}
                className="absolute inset-x-0"
                style={{ height: ROW, transform: `translateY(${row.start}px)` }}
              >
                <Row item={item} selected={item.item === selected} onSelect={onSelect} />
              </li>
            );
          })}
        </ul>
      </section>
    </section>
  );
}

/** Read anew while task runs end, at a pace that a busy list can bear. */
function useItems(run: string, task: TaskRunView, failedOnly: boolean) {
  const trpc = useTRPC();
  const query = useInfiniteQuery(
    trpc.runs.items.infiniteQueryOptions(
      {
        id: run,
        task: task.id,
        limit: PAGE,
        ...(failedOnly ? { states: ["failed" as const] } : {}),
      },
      { getNextPageParam: (page) => page.next, staleTime: EVERY_MS },
    ),
  );
  const counts = JSON.stringify(task.items?.counts);
  const { refetch } = query;
  // biome-ignore lint/correctness/useExhaustiveDependencies: other counts mean other rows
  useEffect(() => {
    const timer = setTimeout(() => void refetch(), EVERY_MS / 4);
    return () => clearTimeout(timer);
  }, [counts, refetch]);
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  return { items, query };
}

function Row({
  item,
  selected,
  onSelect,
}: {
  item: ItemView;
  selected: boolean;
  onSelect: (item: number) => void;
}) {
  const t = useTranslations();
  const write = useDurationText();
  const ended = isTaskEnded(item.state) && item.state !== "reused";
  return (
    <button
      type="button"
      aria-current={selected || undefined}
      data-item={item.item}
      data-state={item.state}
      onClick={() => onSelect(item.item)}
      className={cn(
        "flex h-7 w-full cursor-default items-center gap-2 rounded-md px-2 text-left text-text text-xs hover:bg-fill-strong",
        selected && "bg-fill-strong font-medium",
      )}
    >
      <StatusIcon state={item.state} className="size-3.5" />
      <span className="font-mono tabular-nums">{t("run.items.number", { number: item.item })}</span>
      <span className={cn("font-normal", toneClass[statusLook[item.state].tone].text)}>
        {t(`common.state.${item.state}`)}
      </span>
      {item.attempt > 1 ? (
        <span className="text-muted">{t("run.attempt", { number: item.attempt })}</span>
      ) : null}
      {ended && item.startedAt !== null && item.finishedAt !== null ? (
        <span className="ml-auto whitespace-nowrap font-normal text-muted tabular-nums">
          {write(Date.parse(item.finishedAt) - Date.parse(item.startedAt))}
        </span>
      ) : null}
    </button>
  );
}
