import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AppError } from "#server/core/errors.ts";
import type { WriteMode } from "#server/core/flow/spec.ts";
import { parseScope, planRerun, type RerunTask } from "./rerun.ts";
import type { Certificate } from "./rerun-view.ts";
import type { TaskState } from "./states.ts";

const certificate: Certificate = {
  verdict: "identical",
  parentIdentity: "i",
  identity: "i",
  parentRevision: "r",
  revision: "r",
  differences: [],
};

const endedStates: TaskState[] = [
  "succeeded",
  "failed",
  "cancelled",
  "upstream_failed",
  "skipped",
  "reused",
];

function task(state: TaskState, mode: WriteMode = "none", staged = false): RerunTask {
  return { state, reusedFrom: state === "reused" ? "1" : null, writes: { mode, staged } };
}

function plan(scope: string, parents: number[][], tasks: RerunTask[]) {
  return planRerun({
    run: "7",
    scope: parseScope(scope),
    graph: { taskIds: tasks.map((_, index) => `t${index}`), parents },
    tasks,
    certificate,
  });
}

const actions = (result: ReturnType<typeof plan>) => result.tasks.map((t) => t.action).join(" ");

describe("planRerun", () => {
  it.each([
    {
      scope: "failed",
      states: ["succeeded", "failed", "upstream_failed"] as TaskState[],
      want: "reuse run run",
      why: "what failed and what never ran because of it",
    },
    {
      scope: "failed",
      states: ["reused", "failed", "upstream_failed"] as TaskState[],
      want: "reuse run run",
      why: "a reused task is reused again",
    },
    {
      scope: "failed",
      states: ["failed", "succeeded", "skipped"] as TaskState[],
      want: "run run run",
      why: "a cleanup after a failure, and what its success skipped, are decided anew",
    },
    {
      scope: "all",
      states: ["succeeded", "succeeded", "succeeded"] as TaskState[],
      want: "run run run",
      why: "everything, although it succeeded",
    },
    {
      scope: "from:t1",
      states: ["succeeded", "succeeded", "succeeded"] as TaskState[],
      want: "reuse run run",
      why: "the task and what depends on it",
    },
    {
      scope: "from:t2",
      states: ["skipped", "succeeded", "succeeded"] as TaskState[],
      want: "skip reuse run",
      why: "what was skipped upstream stays skipped",
    },
  ])("$scope of a chain $states: $want, $why", ({ scope, states, want }) => {
    const result = plan(
      scope,
      [[], [0], [1]],
      states.map((state) => task(state)),
    );
    expect(actions(result)).toBe(want);
  });

  it("names the run that a reused task really executed in", () => {
    const result = plan("failed", [[], [0]], [task("reused"), task("failed")]);
    expect(result.tasks[0]?.reason).toEqual({ kind: "succeeded", run: "1" });
  });

  it.each([
    { mode: "external" as const, staged: false, want: true },
    { mode: "append" as const, staged: false, want: true },
    { mode: "append" as const, staged: true, want: false },
    { mode: "replace" as const, staged: false, want: false },
    { mode: "replace_partition" as const, staged: false, want: false },
    { mode: "merge" as const, staged: false, want: false },
  ])("guards a succeeded task that writes $mode (staged $staged): $want", (row) => {
    const result = plan("all", [[]], [task("succeeded", row.mode, row.staged)]);
    expect(result.guardedTasks).toEqual(row.want ? ["t0"] : []);
  });

  it("does not guard what failed, whatever it writes", () => {
    expect(plan("all", [[]], [task("failed", "external")]).guardedTasks).toEqual([]);
  });

  it("refuses a live run, a scope that names no task, and a plan that would do nothing", () => {
    const code = (work: () => unknown) => {
      try {
        work();
      } catch (error) {
        return error instanceof AppError ? error.code : error;
      }
      return "no error";
    };
    expect(code(() => plan("all", [[]], [task("running")]))).toBe("INVALID_INPUT");
    expect(code(() => plan("from:nobody", [[]], [task("succeeded")]))).toBe("INVALID_INPUT");
    expect(code(() => plan("sideways", [[]], [task("succeeded")]))).toBe("INVALID_INPUT");
    expect(code(() => plan("failed", [[]], [task("succeeded")]))).toBe("NOTHING_TO_RUN");
  });

  const dag = fc.integer({ min: 1, max: 25 }).chain((size) =>
    fc.record({
      parents: fc.tuple(
        ...Array.from({ length: size }, (_, child) =>
          child === 0
            ? fc.constant<number[]>([])
            : fc.uniqueArray(fc.integer({ min: 0, max: child - 1 }), { maxLength: 4 }),
        ),
      ),
      states: fc.array(fc.constantFrom(...endedStates), { minLength: size, maxLength: size }),
      from: fc.integer({ min: 0, max: size - 1 }),
      scope: fc.constantFrom("all", "failed", "from"),
    }),
  );

  it("executes every task after an executed one, never reuses what has no result, and hashes the plan", () => {
    fc.assert(
      fc.property(dag, ({ parents, states, from, scope }) => {
        const tasks = states.map((state) => task(state));
        const text = scope === "from" ? `from:t${from}` : scope;
        let result: ReturnType<typeof plan>;
        try {
          result = plan(text, parents, tasks);
        } catch (error) {
          expect(error).toMatchObject({ code: "NOTHING_TO_RUN" });
          return;
        }
        result.tasks.forEach((decision, ordinal) => {
          const state = states[ordinal];
          const afterRun = (parents[ordinal] ?? []).some((p) => result.tasks[p]?.action === "run");
          if (afterRun) expect(decision.action).toBe("run");
          if (decision.action === "reuse") expect(["succeeded", "reused"]).toContain(state);
          if (decision.action === "skip") expect(state).toBe("skipped");
        });
        const { run, reuse, skip } = result.counts;
        expect(run + reuse + skip).toBe(tasks.length);
        expect(plan(text, parents, tasks).hash).toBe(result.hash);
        const other = tasks.map((t, i) => (i === 0 ? task("failed") : t));
        const changed = states[0] !== "failed" && result.tasks[0]?.action !== "run";
        if (changed) expect(plan(text, parents, other).hash).not.toBe(result.hash);
      }),
      { numRuns: 500 },
    );
  });
});
