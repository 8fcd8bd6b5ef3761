import { describe, expect, it } from "vitest";
import { firstTask } from "./first-task.ts";
import { runDetail, taskRun } from "./testing/views.ts";

const at = (second: number) => `2026-01-01T00:00:0${second}.000Z`;

describe("firstTask", () => {
  it.each([
    {
      run: runDetail({
        state: "failed",
        firstError: { task: "c", attempt: 1, message: "no file" },
        tasks: [taskRun("a"), taskRun("b", { state: "failed" }), taskRun("c", { state: "failed" })],
      }),
      want: "c",
      why: "where the run first failed, not the first in the list",
    },
    {
      run: runDetail({ tasks: [taskRun("a"), taskRun("b", { state: "failed" })] }),
      want: "b",
      why: "a failure before the run has recorded it",
    },
    {
      run: runDetail({
        tasks: [
          taskRun("a", { state: "succeeded", finishedAt: at(1) }),
          taskRun("b", { state: "ready" }),
          taskRun("c", { state: "running" }),
        ],
      }),
      want: "c",
      why: "what runs comes before what waits",
    },
    {
      run: runDetail({
        state: "succeeded",
        tasks: [
          taskRun("a", { state: "succeeded", finishedAt: at(2) }),
          taskRun("b", { state: "succeeded", finishedAt: at(3) }),
          taskRun("c", { state: "skipped" }),
        ],
      }),
      want: "b",
      why: "the end of a run that succeeded",
    },
    { run: runDetail({ state: "queued", tasks: [taskRun("a")] }), want: "a", why: "nothing yet" },
    { run: runDetail({ tasks: [] }), want: null, why: "no tasks" },
  ])("$why", ({ run, want }) => {
    expect(firstTask(run)).toBe(want);
  });
});
