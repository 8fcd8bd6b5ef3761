import type { RunDetail, TaskRunView } from "#server/core/run/view.ts";

/** A task run for tests that waits and has never been tried. */
export function taskRun(id: string, values: Partial<TaskRunView> = {}): TaskRunView {
  return {
    id,
    ordinal: 0,
    type: "noop",
    state: "waiting",
    attempt: 0,
    readyAt: null,
    startedAt: null,
    finishedAt: null,
    notBefore: null,
    reusedFrom: null,
    runner: null,
    items: null,
    ...values,
  };
}

/** A running run for tests; its graph has the given tasks without needs. */
export function runDetail(values: Partial<RunDetail> = {}): RunDetail {
  const tasks = values.tasks ?? [];
  return {
    id: "1",
    flow: "hello",
    flowName: null,
    revision: 1,
    identity: "0".repeat(64),
    state: "running",
    trigger: "manual",
    params: {},
    interval: null,
    timezone: "UTC",
    parent: null,
    backfill: null,
    rerunScope: null,
    createdBy: "local",
    createdAt: "2026-01-01T00:00:00.000Z",
    startedAt: null,
    finishedAt: null,
    firstError: null,
    recovered: false,
    taskCounts: {},
    revisionId: "1",
    revisionHash: "1".repeat(64),
    sourceFormat: "yaml",
    certificate: null,
    reason: null,
    cancelRequestedAt: null,
    schedule: null,
    held: false,
    changedFrom: null,
    caller: null,
    calls: [],
    reruns: [],
    tasks,
    graph: { hash: "g", tasks: tasks.map(({ id, type }) => ({ id, name: null, type, needs: [] })) },
    now: "2026-01-01T00:00:05.000Z",
    version: "2026-01-01T00:00:05.000Z",
    ...values,
  };
}
