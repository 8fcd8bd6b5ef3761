"use client";
import { useVirtualizer } from "@tanstack/react-virtual";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { type KeyboardEvent, type ReactNode, useRef, useState } from "react";
import { runLength } from "#components/status/run-length.ts";
import { StatusCell } from "#components/status/status.tsx";
import { statusLook, toneClass } from "#components/status/status-look.ts";
import { cn } from "#components/ui/cn.ts";
import type { TaskState } from "#server/core/run/states.ts";
import type { RunSummary } from "#server/core/run/view.ts";
import { type CellAt, type GridModel, moveCell } from "./grid-model.ts";

const CELL = 26;
const LOWEST = 4;
const HIGHEST = 30;

function RunHead({
  run,
  longest,
  onPoint,
}: {
  run: RunSummary;
  longest: number;
  onPoint: () => void;
}) {
  const t = useTranslations();
  const share = longest <= 0 ? 0 : Math.sqrt((runLength(run) ?? 0) / longest);
  return (
    <th scope="col" className="w-6.5 min-w-6.5 p-0 align-bottom">
      <Link
        href={`/runs/${run.id}`}
        prefetch={false}
        aria-label={t("flow.runLabel", { id: run.id, state: t(`common.state.${run.state}`) })}
        onMouseEnter={onPoint}
        onFocus={onPoint}
        className="flex h-16 flex-col items-center justify-end gap-1 rounded-sm pb-1 -outline-offset-2 hover:bg-fill-strong"
      >
        <span
          aria-hidden
          className={cn("w-2.5 rounded-[1px]", toneClass[statusLook[run.state].tone].solid)}
          style={{ height: LOWEST + (HIGHEST - LOWEST) * share }}
        />
        <StatusCell state={run.state} />
      </Link>
    </th>
  );
}

function Cell({
  state,
  task,
  name,
  run,
  at,
  current,
  onPoint,
  onEnter,
}: {
  state: TaskState | null;
  task: string;
  /** What people call it. */
  name: string;
  run: RunSummary;
  at: CellAt;
  /** True for the one cell that Tab reaches. */
  current: boolean;
  onPoint: (at: CellAt) => void;
  onEnter: (at: CellAt) => void;
}) {
  const t = useTranslations();
  const place = `${at.run}:${at.task}`;
  if (state === null) {
    return (
      <td
        data-cell={place}
        tabIndex={current ? 0 : -1}
        onFocus={() => onEnter(at)}
        className="p-0 -outline-offset-2"
      >
        <span className="sr-only">{t("flow.notInRevision")}</span>
        <span aria-hidden className="mx-auto block size-1 rounded-full bg-fill-strong" />
      </td>
    );
  }
  return (
    <td className="p-0">
      <Link
        href={`/runs/${run.id}?task=${encodeURIComponent(task)}`}
        prefetch={false}
        data-cell={place}
        tabIndex={current ? 0 : -1}
        aria-label={t("flow.cellLabel", {
          task: name,
          id: run.id,
          state: t(`common.state.${state}`),
        })}
        onMouseEnter={() => onPoint(at)}
        onFocus={() => onEnter(at)}
        className="mx-auto block size-5 rounded-sm outline-offset-1 hover:brightness-95"
      >
        <StatusCell state={state} />
      </Link>
    </td>
  );
}

/** Stands for the rows out of sight, so that the scroll bar tells the truth. */
function Gap({ height, span }: { height: number; span: number }) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden>
      <td colSpan={span} className="p-0" style={{ height }} />
    </tr>
  );
}

/**
 * The matrix: tasks down, runs across, newest run first. Only rows in sight are in the document.
 * One cell at a time is in the tab order; arrow keys move between cells and Enter opens one.
 * @param onPoint tells which cell the pointer or the cursor is on; task −1 is the run itself
 */
export function RunTaskGrid({
  model,
  nameOf,
  label,
  onPoint,
  more,
}: {
  model: GridModel;
  /** What people call a task. */
  nameOf: (task: string) => string;
  label: string;
  onPoint: (at: CellAt) => void;
  more: ReactNode;
}) {
  const t = useTranslations("flow");
  const scroller = useRef<HTMLDivElement>(null);
  const [cursor, setCursor] = useState<CellAt>({ run: 0, task: 0 });
  const { tasks, runs } = model;
  const longest = Math.max(0, ...runs.map((run) => runLength(run) ?? 0));
  const virtual = useVirtualizer({
    count: tasks.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => CELL,
    overscan: 8,
    // What the server draws before it knows the height of the window.
    initialRect: { width: 1_200, height: 640 },
  });
  const items = virtual.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  const span = runs.length + 2;

  const enter = (at: CellAt) => {
    setCursor(at);
    onPoint(at);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTableElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if ((event.target as HTMLElement).closest("[data-cell]") === null) return;
    const next = moveCell(cursor, event.key, { runs: runs.length, tasks: tasks.length });
    if (next === null) return;
    event.preventDefault();
    enter(next);
    virtual.scrollToIndex(next.task);
    // The row may have to be drawn first.
    requestAnimationFrame(() => {
      const cell = `[data-cell="${next.run}:${next.task}"]`;
      scroller.current?.querySelector<HTMLElement>(cell)?.focus();
    });
  };

  return (
    <div
      ref={scroller}
      className="relative max-h-[max(20rem,calc(100dvh-19rem))] overflow-auto overscroll-contain"
    >
      <table
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: arrow keys move in it
        role="grid"
        aria-label={label}
        aria-rowcount={tasks.length + 1}
        aria-colcount={runs.length + 1}
        onKeyDown={onKeyDown}
        className="w-max min-w-full border-separate border-spacing-0"
      >
        <thead className="sticky top-0 z-20 bg-surface">
          <tr>
            <th
              scope="col"
              className="sticky left-0 z-10 w-40 min-w-40 bg-surface px-3 pb-2 text-left align-bottom font-medium text-faint text-xs sm:w-56 sm:min-w-56"
            >
              {t("tasksAndRuns")}
            </th>
            {runs.map((run, index) => (
              <RunHead
                key={run.id}
                run={run}
                longest={longest}
                onPoint={() => onPoint({ run: index, task: -1 })}
              />
            ))}
            <td className="w-full px-2 pb-1 align-bottom">{more}</td>
          </tr>
        </thead>
        <tbody>
          <Gap height={before} span={span} />
          {items.map((item) => {
            const task = tasks[item.index];
            if (task === undefined) return null;
            return (
              <tr
                key={task.id}
                aria-rowindex={item.index + 2}
                style={{ height: CELL }}
                className="group hover:bg-fill"
              >
                <th
                  scope="row"
                  title={task.id}
                  className="sticky left-0 z-10 w-40 max-w-40 truncate bg-surface px-3 py-0 text-left font-normal text-xs group-hover:bg-fill sm:w-56 sm:max-w-56"
                >
                  {nameOf(task.id)}
                </th>
                {runs.map((run, index) => (
                  <Cell
                    key={run.id}
                    state={model.state(index, item.index)}
                    task={task.id}
                    name={nameOf(task.id)}
                    run={run}
                    at={{ run: index, task: item.index }}
                    current={cursor.run === index && cursor.task === item.index}
                    onPoint={onPoint}
                    onEnter={enter}
                  />
                ))}
                <td />
              </tr>
            );
          })}
          <Gap height={after} span={span} />
        </tbody>
      </table>
    </div>
  );
}
