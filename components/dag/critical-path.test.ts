import { describe, expect, it } from "vitest";
import { criticalPath } from "./critical-path.ts";
import { indexGraph } from "./graph-index.ts";
import { graphOf } from "./testing/graphs.ts";
import { taskRun } from "./testing/task-runs.ts";

const index = indexGraph(graphOf({ a: [], b: ["a"], c: ["a"], d: ["b", "c"], e: ["d"] }));
const now = Date.UTC(2026, 0, 1) + 60_000;

describe("criticalPath", () => {
  it.each([
    {
      tasks: [
        taskRun("a", { state: "succeeded", started: 0, finished: 1 }),
        taskRun("b", { state: "succeeded", started: 1, finished: 2 }),
        taskRun("c", { state: "succeeded", started: 1, finished: 9 }),
        taskRun("d", { state: "succeeded", started: 9, finished: 10 }),
      ],
      want: ["a", "c", "d"],
      why: "the slower of two needs decides",
    },
    {
      tasks: [
        taskRun("a", { state: "succeeded", started: 0, finished: 1 }),
        taskRun("b", { state: "running", started: 1 }),
        taskRun("c", { state: "succeeded", started: 1, finished: 9 }),
      ],
      want: ["a", "b"],
      why: "what still runs ends now, after all else",
    },
    {
      tasks: [
        taskRun("a", { state: "reused", started: 0, finished: 50 }),
        taskRun("b", { state: "succeeded", started: 51, finished: 52 }),
      ],
      want: ["b"],
      why: "a reused task took no time in this run",
    },
    { tasks: [taskRun("a")], want: [], why: "nothing has started" },
  ])("$why", ({ tasks, want }) => {
    expect(criticalPath(index, tasks, now)).toEqual(want);
  });
});
