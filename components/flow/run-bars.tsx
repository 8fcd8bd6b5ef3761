"use client";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { statusLook, toneClass } from "#components/status/status-look.ts";
import { useDurationText } from "#components/time/time.tsx";
import { cn } from "#components/ui/cn.ts";
import type { FlowSummary } from "#server/core/flow/view.ts";

const SLOTS = 14;
const LOWEST = 5;
const HIGHEST = 22;

type LastRun = FlowSummary["lastRuns"][number];

/**
 * Height of a bar in pixels. The square root keeps a run ten times as long as the others from
 * flattening them all.
 */
function heightOf(run: LastRun, longestMs: number): number {
  if (run.durationMs === null || longestMs <= 0) return LOWEST;
  return LOWEST + (HIGHEST - LOWEST) * Math.sqrt(run.durationMs / longestMs);
}

/** The last runs of a flow, newest on the right, as bars as high as they took long. */
export function RunBars({ runs }: { runs: readonly LastRun[] }) {
  const t = useTranslations();
  const duration = useDurationText();
  const longest = Math.max(0, ...runs.map((run) => run.durationMs ?? 0));
  const failed = runs.filter((run) => run.state === "failed").length;
  const empty = Math.max(0, SLOTS - runs.length);
  return (
    <div className="flex items-end">
      <span className="sr-only">
        {runs.length === 0
          ? t("flows.neverRan")
          : t("flows.lastRuns", { count: runs.length, failed })}
      </span>
      <div aria-hidden className="flex h-6 items-end gap-0.75">
        {Array.from({ length: empty }, (_, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: places without a run have no other name
          <span key={index} className="h-1.25 w-1.5 rounded-[1px] bg-fill-strong" />
        ))}
        {runs.map((run) => {
          const look = statusLook[run.state];
          const solid = toneClass[look.tone].solid;
          const title = [
            `#${run.id}`,
            t(`common.state.${run.state}`),
            run.durationMs === null ? null : duration(run.durationMs),
          ]
            .filter((part) => part !== null)
            .join(" · ");
          return (
            <Link
              key={run.id}
              href={`/runs/${run.id}`}
              prefetch={false}
              tabIndex={-1}
              title={title}
              data-state={run.state}
              className="group/bar flex h-6 w-1.5 flex-col justify-end gap-0.5"
            >
              <span
                style={{ height: heightOf(run, longest) }}
                className={cn("w-full rounded-[1px] group-hover/bar:opacity-70", solid)}
              />
              {/* Told by shape as well as by colour: what failed stands on a dot, like "!". */}
              {run.state === "failed" ? (
                <span className={cn("h-1 w-full shrink-0 rounded-full", solid)} />
              ) : null}
            </Link>
          );
        })}
      </div>
    </div>
  );
}
