"use client";

import Link from "next/link";
import { StatusBadge } from "#components/status/status.tsx";
import type { CalledRunView } from "#server/core/run/view.ts";

/** Links to the runs of other flows that tasks have made, each with its state. */
export function CalledRuns({
  title,
  calls,
  withTask = false,
}: {
  title: string;
  calls: readonly CalledRunView[];
  /** Whether to say which task made each of them. */
  withTask?: boolean;
}) {
  return (
    <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-muted text-sm">
      {title}
      {calls.map(({ run, flow, task, state }) => (
        <Link
          key={run}
          href={`/runs/${run}`}
          className="inline-flex min-w-0 items-center gap-1.5 text-accent hover:underline"
        >
          {withTask ? <span className="truncate font-mono text-text text-xs">{task}</span> : null}
          <span className="truncate">
            {flow} #{run}
          </span>
          <StatusBadge state={state} />
        </Link>
      ))}
    </p>
  );
}
