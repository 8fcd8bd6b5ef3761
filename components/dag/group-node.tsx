"use client";
import type { NodeProps } from "@xyflow/react";
import { ChevronsDownUp, ChevronsUpDown } from "lucide-react";
import { useTranslations } from "next-intl";
import { memo } from "react";
import { StatusIcon } from "#components/status/status.tsx";
import { statusLook, toneClass } from "#components/status/status-look.ts";
import { cn } from "#components/ui/cn.ts";
import type { TaskStateCounts } from "#server/core/run/states.ts";
import { useBoxFlags, useDag, useRollUp } from "./dag-context.tsx";
import type { FrameFlowNode, GroupFlowNode } from "./flow-types.ts";
import { Ports } from "./ports.tsx";
import { leadingState, presentStates } from "./roll-up.ts";
import { CRITICAL, CURSOR, DIMMED, SELECTED } from "./view-flags.ts";

/** Shares of a group's states as one bar; decoration beside the words. */
function StateBar({ counts, total }: { counts: TaskStateCounts; total: number }) {
  return (
    <svg
      aria-hidden
      viewBox={`0 0 ${total} 1`}
      preserveAspectRatio="none"
      className="h-1 w-full rounded-full bg-fill-strong"
    >
      {presentStates(counts).map(({ state, count }, i, all) => {
        const x = all.slice(0, i).reduce((sum, before) => sum + before.count, 0);
        return (
          <rect
            key={state}
            x={x}
            y={0}
            width={count}
            height={1}
            fill={`var(--${statusLook[state].tone}-solid)`}
          />
        );
      })}
    </svg>
  );
}

/** Several tasks as one box: how many, and how many are in which state. */
export const GroupNode = memo(function GroupNode({ id, data, ...rest }: NodeProps<GroupFlowNode>) {
  const t = useTranslations();
  const { toggleGroup } = useDag();
  const counts = useRollUp(data.members);
  const flags = useBoxFlags(id);
  const lead = leadingState(counts);
  return (
    <>
      <Ports {...rest} />
      <button
        type="button"
        data-dag-box={id}
        data-state={lead ?? undefined}
        data-critical={(flags & CRITICAL) !== 0 || undefined}
        tabIndex={(flags & CURSOR) !== 0 ? 0 : -1}
        aria-expanded={false}
        onClick={() => toggleGroup(id)}
        className={cn(
          "dag-stack flex size-full cursor-default flex-col justify-center gap-1 rounded-md border border-line-strong bg-surface px-3 text-left text-text",
          "transition-[opacity,border-color] duration-100 hover:border-faint",
          lead === "failed" && "border-failed-solid",
          lead === "running" && "border-running-solid",
          (flags & CRITICAL) !== 0 && "dag-critical",
          (flags & SELECTED) !== 0 && "border-accent ring-2 ring-accent/40",
          (flags & DIMMED) !== 0 && "opacity-30",
        )}
      >
        <span className="flex w-full items-center gap-1.5">
          <span className="truncate font-medium text-sm">{data.label ?? t("dag.mixed")}</span>
          <span className="whitespace-nowrap text-muted text-xs">
            {t("dag.tasks", { count: data.members.length })}
          </span>
          <ChevronsUpDown aria-hidden className="ml-auto size-3.5 shrink-0 text-faint" />
        </span>
        {lead === null ? null : (
          <>
            <StateBar counts={counts} total={data.members.length} />
            <span className="flex h-4.5 w-full flex-wrap items-center gap-x-2.5 overflow-hidden text-xs">
              {presentStates(counts)
                .slice(0, 3)
                .map(({ state, count }) => (
                  <span
                    key={state}
                    title={t(`common.state.${state}`)}
                    className={cn(
                      "inline-flex h-4.5 items-center gap-1 whitespace-nowrap",
                      toneClass[statusLook[state].tone].text,
                    )}
                  >
                    <StatusIcon state={state} className="size-3" />
                    {count}
                    <span>{t(`common.state.${state}`)}</span>
                  </span>
                ))}
            </span>
          </>
        )}
      </button>
    </>
  );
});

/** The frame around the tasks of an expanded group. */
export const FrameNode = memo(function FrameNode({ id, data, ...rest }: NodeProps<FrameFlowNode>) {
  const t = useTranslations("dag");
  const { toggleGroup } = useDag();
  const flags = useBoxFlags(id);
  return (
    <div
      className={cn(
        "size-full rounded-lg border border-line-strong border-dashed bg-fill",
        (flags & DIMMED) !== 0 && "opacity-40",
      )}
    >
      <Ports {...rest} />
      <button
        type="button"
        data-dag-box={id}
        tabIndex={(flags & CURSOR) !== 0 ? 0 : -1}
        aria-expanded
        onClick={() => toggleGroup(id)}
        className="flex h-9 max-w-full cursor-default items-center gap-1.5 rounded-md px-3 text-left text-text hover:text-muted"
      >
        <ChevronsDownUp aria-hidden className="size-3.5 shrink-0 text-faint" />
        <span className="truncate font-medium text-sm">{data.label ?? t("mixed")}</span>
        <span className="whitespace-nowrap text-muted text-xs">
          {t("tasks", { count: data.members.length })}
        </span>
      </button>
    </div>
  );
});
