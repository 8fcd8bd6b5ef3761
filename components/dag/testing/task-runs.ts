import type { TaskRunView } from "#server/core/run/view.ts";

/** A task run for tests; times in seconds after 2026-01-01T00:00:00Z. */
export function taskRun(
  id: string,
  values: Partial<Omit<TaskRunView, "startedAt" | "finishedAt">> & {
    started?: number;
    finished?: number;
  } = {},
): TaskRunView {
  const { started, finished, ...rest } = values;
  const at = (seconds: number | undefined) =>
    seconds === undefined ? null : new Date(Date.UTC(2026, 0, 1) + seconds * 1_000).toISOString();
  return {
    id,
    ordinal: 0,
    type: "noop",
    state: "waiting",
    attempt: 0,
    readyAt: null,
    startedAt: at(started),
    finishedAt: at(finished),
    notBefore: null,
    reusedFrom: null,
    runner: null,
    items: null,
    ...rest,
  };
}
