import type { RunSummary } from "#server/core/run/view.ts";

/** Milliseconds from a run's start to its end; null until it has ended. */
export function runLength(run: Pick<RunSummary, "startedAt" | "finishedAt">): number | null {
  if (run.startedAt === null || run.finishedAt === null) return null;
  return new Date(run.finishedAt).getTime() - new Date(run.startedAt).getTime();
}
