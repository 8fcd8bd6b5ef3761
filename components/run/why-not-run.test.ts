import { describe, expect, it } from "vitest";
import type { GraphView } from "#server/core/flow/view.ts";
import { taskRun } from "./testing/views.ts";
import { causesUpstream } from "./why-not-run.ts";

const graph: GraphView = {
  hash: "g",
  tasks: [
    { id: "a", name: null, type: "noop", needs: [] },
    { id: "b", name: null, type: "noop", needs: ["a"] },
    { id: "c", name: null, type: "noop", needs: ["b"] },
    { id: "d", name: null, type: "noop", needs: ["c", "e"] },
    { id: "e", name: null, type: "noop", needs: [] },
  ],
};

describe("causesUpstream", () => {
  it("finds the failures behind tasks that never ran, and no further ones", () => {
    const tasks = [
      taskRun("a", { state: "failed" }),
      taskRun("b", { state: "failed" }),
      taskRun("c", { state: "upstream_failed" }),
      taskRun("d", { state: "upstream_failed" }),
      taskRun("e", { state: "cancelled" }),
    ];
    expect(causesUpstream(graph, tasks, "d").map(({ id }) => id)).toEqual(["b", "e"]);
  });

  it("finds none where all went well", () => {
    const tasks = graph.tasks.map(({ id }) => taskRun(id, { state: "succeeded" }));
    expect(causesUpstream(graph, tasks, "d")).toEqual([]);
  });
});
