import { describe, expect, it } from "vitest";
import type { RunDelta, RunDetail } from "#server/core/run/view.ts";
import { mergeDelta } from "./merge-delta.ts";
import { runDetail, taskRun } from "./testing/views.ts";

const run: RunDetail = runDetail({
  version: "2026-01-01T00:00:05.000Z",
  tasks: [taskRun("a", { state: "running", attempt: 1 }), taskRun("b")],
});

function delta(values: Partial<RunDelta>): RunDelta {
  const { state, startedAt, finishedAt, firstError, recovered, taskCounts } = run;
  const { cancelRequestedAt, held, reruns, calls } = run;
  return {
    version: "2026-01-01T00:00:06.000Z",
    now: "2026-01-01T00:00:06.000Z",
    run: {
      state,
      startedAt,
      finishedAt,
      firstError,
      recovered,
      taskCounts,
      cancelRequestedAt,
      held,
      calls,
      reruns,
    },
    tasks: [],
    ...values,
  };
}

describe("mergeDelta", () => {
  it("takes over what changed and keeps the rest as it is", () => {
    const done = taskRun("a", { state: "succeeded", attempt: 1 });
    const next = mergeDelta(run, delta({ tasks: [done] }));
    expect(next.tasks[0]).toBe(done);
    expect(next.tasks[1]).toBe(run.tasks[1]);
    expect(next.version).toBe("2026-01-01T00:00:06.000Z");
    expect(next.graph).toBe(run.graph);
  });

  it("takes everything after a reconnect without drawing equal task runs anew", () => {
    const again = run.tasks.map((task) => ({ ...task }));
    expect(mergeDelta(run, delta({ tasks: again })).tasks).toBe(run.tasks);
  });

  it("drops what is older than what is shown", () => {
    const late = delta({
      version: "2026-01-01T00:00:04.000Z",
      tasks: [taskRun("a", { state: "ready" })],
    });
    expect(mergeDelta(run, late)).toBe(run);
  });

  it("changes the run's own fields", () => {
    const change = delta({});
    const next = mergeDelta(run, { ...change, run: { ...change.run, state: "failed" } });
    expect(next.state).toBe("failed");
    expect(next.params).toBe(run.params);
  });
});
