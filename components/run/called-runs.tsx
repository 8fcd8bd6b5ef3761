"use client";

import Link from "next/link";
import { StatusBadge } from "#components/status/status.tsx";
import type { CalledRunView, RunDetail } from "#server/core/run/view.ts";
import { taskName } from "./task-name.ts";

/** Links to the runs of other flows that tasks have made, each with its state. */
export function CalledRuns({
  title,
  calls,
  graph = null,
}: {
  title: string;
  calls: readonly CalledRunView[];
  /** Given where it is to be said which task made each of them. */
  graph?: RunDetail["graph"] | null;
}) {
  return (
    <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-muted text-sm">
      {title}
      {calls.map(({ run, flow, flowName, task, state }) => (
        <Link
          key={run}
          href={`/runs/${run}`}
          className="inline-flex min-w-0 items-center gap-1.5 text-accent hover:underline"
        >
          {graph === null ? null : (
            <span className="truncate text-text">{taskName(graph, task)}</span>
          )}
          <span className="truncate">
            {flowName ?? flow} #{run}
          </span>
          <StatusBadge state={state} />
        </Link>
      ))}
    </p>
  );
}
