"use client";
import type { NodeProps } from "@xyflow/react";
import { useTranslations } from "next-intl";
import { memo } from "react";
import { StatusIcon } from "#components/status/status.tsx";
import { statusLook, toneClass } from "#components/status/status-look.ts";
import { LiveDuration, useDurationText } from "#components/time/time.tsx";
import { cn } from "#components/ui/cn.ts";
import { isTaskEnded, taskStates } from "#server/core/run/states.ts";
import type { TaskRunView } from "#server/core/run/view.ts";
import { useBoxFlags, useDag, useTaskRun } from "./dag-context.tsx";
import type { TaskFlowNode } from "./flow-types.ts";
import { Ports } from "./ports.tsx";
import { CRITICAL, CURSOR, DIMMED, SELECTED } from "./view-flags.ts";

/** A task: state, name, type, how long it has run and its attempts. */
export const TaskNode = memo(function TaskNode({ id, data, ...rest }: NodeProps<TaskFlowNode>) {
  const t = useTranslations();
  const { select } = useDag();
  const run = useTaskRun(id);
  const flags = useBoxFlags(id);
  const look = run === null ? null : statusLook[run.state];
  return (
    <>
      <Ports {...rest} />
      <button
        type="button"
        data-dag-box={id}
        data-state={run?.state}
        data-critical={(flags & CRITICAL) !== 0 || undefined}
        tabIndex={(flags & CURSOR) !== 0 ? 0 : -1}
        aria-pressed={(flags & SELECTED) !== 0}
        onClick={() => select(id)}
        className={cn(
          "flex size-full cursor-default items-center gap-2.5 rounded-md border border-line-strong bg-surface px-3 text-left text-text",
          "transition-[opacity,border-color] duration-100 hover:border-faint",
          look?.tone === "failed" && "border-failed-solid",
          run?.state === "running" && "border-running-solid",
          look?.outline && cn("border-dashed bg-canvas", toneClass[look.tone].line),
          (flags & CRITICAL) !== 0 && "dag-critical",
          (flags & SELECTED) !== 0 && "border-accent ring-2 ring-accent/40 hover:border-accent",
          (flags & DIMMED) !== 0 && "opacity-30",
        )}
      >
        {run === null ? null : (
          <span
            className={cn(
              "flex size-6 shrink-0 items-center justify-center rounded-md",
              look && (look.outline ? "border" : toneClass[look.tone].soft),
            )}
          >
            <StatusIcon state={run.state} className="size-3.5" />
          </span>
        )}
        <span className="min-w-0 flex-1">
          <span className="block truncate font-medium text-sm" title={data.name}>
            {data.name}
          </span>
          <span className="flex items-center gap-1.5 text-xs">
            {run === null ? null : (
              <span className={cn("shrink-0", look && toneClass[look.tone].text)}>
                {t(`common.state.${run.state}`)}
              </span>
            )}
            {run === null ? null : <NodeDuration run={run} />}
            {run !== null && run.attempt > 1 ? (
              <span
                className="shrink-0 text-muted"
                title={t("dag.attempts", { count: run.attempt })}
              >
                <span aria-hidden>{`×${run.attempt}`}</span>
                <span className="sr-only">{t("dag.attempts", { count: run.attempt })}</span>
              </span>
            ) : null}
            {run?.items ? <ItemShare items={run.items} /> : null}
            <span
              className={cn(
                "min-w-0 truncate font-mono text-2xs text-faint",
                run !== null && "ml-auto",
              )}
            >
              {data.type}
            </span>
          </span>
        </span>
      </button>
    </>
  );
});

/** Of a task that is executed over a list: how many of its task runs have ended. */
function ItemShare({ items }: { items: NonNullable<TaskRunView["items"]> }) {
  const t = useTranslations("dag");
  const ended = taskStates.reduce(
    (sum, state) => sum + (isTaskEnded(state) ? (items.counts[state] ?? 0) : 0),
    0,
  );
  const text = t("itemsEnded", { ended, total: items.total });
  return (
    <span className="shrink-0 text-muted tabular-nums" title={text}>
      <span aria-hidden>{`${ended}/${items.total}`}</span>
      <span className="sr-only">{text}</span>
    </span>
  );
}

/** Counts on while the task runs; the task's own span once it has ended. */
function NodeDuration({ run }: { run: TaskRunView }) {
  const { tasks } = useDag();
  const write = useDurationText();
  if (run.startedAt === null || run.state === "reused") return null;
  if (run.state === "running") {
    // A box that scrolls into view later starts from the server's time of that moment.
    const serverNow = new Date(tasks.now(performance.now())).toISOString();
    return (
      <LiveDuration
        from={run.startedAt}
        to={null}
        serverNow={serverNow}
        className="text-muted tabular-nums"
      />
    );
  }
  if (!isTaskEnded(run.state) || run.finishedAt === null) return null;
  return (
    <span className="whitespace-nowrap text-muted tabular-nums">
      {write(Date.parse(run.finishedAt) - Date.parse(run.startedAt))}
    </span>
  );
}
