import { describe, expect, it } from "vitest";
import type { FlowGrid } from "#server/core/flow/view.ts";
import type { RunSummary } from "#server/core/run/view.ts";
import { joinGrid, moveCell } from "./grid-model.ts";

function page(runs: string[], tasks: string[], states: FlowGrid["states"]): FlowGrid {
  return {
    tasks: tasks.map((id) => ({ id, type: "noop" })),
    runs: runs.map((id) => ({ id }) as RunSummary),
    states,
    next: null,
  };
}

describe("joinGrid", () => {
  it("joins pages whose revisions have other tasks", () => {
    const model = joinGrid([
      page(
        ["9", "8"],
        ["a", "b"],
        [
          ["succeeded", "failed"],
          ["succeeded", "running"],
        ],
      ),
      page(["7"], ["b", "old"], [["skipped", "cancelled"]]),
    ]);
    expect(model.tasks.map((task) => task.id)).toEqual(["a", "b", "old"]);
    expect(model.runs.map((run) => run.id)).toEqual(["9", "8", "7"]);
    expect([0, 1, 2].map((task) => model.state(2, task))).toEqual([null, "skipped", "cancelled"]);
    expect([0, 1, 2].map((task) => model.state(0, task))).toEqual(["succeeded", "failed", null]);
  });

  it("shows a run once that a shifted page brings again", () => {
    const model = joinGrid([
      page(["9", "8"], ["a"], [["running"], ["succeeded"]]),
      page(["8", "7"], ["a"], [["succeeded"], ["failed"]]),
    ]);
    expect(model.runs.map((run) => run.id)).toEqual(["9", "8", "7"]);
    expect(model.state(2, 0)).toBe("failed");
  });

  it("is empty without runs", () => {
    const model = joinGrid([page([], ["a"], [])]);
    expect(model.runs).toEqual([]);
    expect(model.state(0, 0)).toBeNull();
  });
});

describe("moveCell", () => {
  const size = { runs: 3, tasks: 20 };
  it.each([
    { key: "ArrowRight", at: { run: 2, task: 0 }, want: { run: 2, task: 0 }, why: "edge" },
    { key: "ArrowLeft", at: { run: 2, task: 0 }, want: { run: 1, task: 0 }, why: "left" },
    { key: "ArrowDown", at: { run: 0, task: 4 }, want: { run: 0, task: 5 }, why: "down" },
    { key: "ArrowUp", at: { run: 0, task: 0 }, want: { run: 0, task: 0 }, why: "edge" },
    { key: "PageDown", at: { run: 0, task: 15 }, want: { run: 0, task: 19 }, why: "clamped" },
    { key: "End", at: { run: 0, task: 3 }, want: { run: 2, task: 3 }, why: "last run" },
    { key: "Home", at: { run: 2, task: 3 }, want: { run: 0, task: 3 }, why: "newest run" },
    { key: "Enter", at: { run: 0, task: 0 }, want: null, why: "Enter opens, it does not move" },
  ])("$key: $why", ({ key, at, want }) => {
    expect(moveCell(at, key, size)).toEqual(want);
  });
});
