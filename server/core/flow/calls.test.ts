import { describe, expect, it } from "vitest";
import { callCycleMessage, calledFlows, findCallCycle } from "./calls.ts";
import { NO_RETRY, type TaskSpec } from "./spec.ts";

const task = (type: string, settings: TaskSpec["with"]): TaskSpec => ({
  type,
  needs: [],
  env: {},
  retry: NO_RETRY,
  pool: "default",
  writes: { mode: "none" },
  with: settings,
});

describe("calledFlows", () => {
  it("names each flow once, and nothing that other types name", () => {
    const tasks = {
      a: task("flow", { flow: "z" }),
      b: task("flow", { flow: "b" }),
      c: task("flow", { flow: "z" }),
      d: task("wait_for", { flow: "only-waited-for" }),
    };
    expect(calledFlows({ tasks })).toEqual(["b", "z"]);
  });
});

describe("findCallCycle", () => {
  it.each([
    { calls: { a: ["b"], b: ["c"] }, want: null, why: "a chain ends" },
    { calls: { a: ["a"] }, want: ["a"], why: "a flow that runs itself" },
    { calls: { a: ["b"], b: ["a"] }, want: ["a", "b"], why: "two that run each other" },
    {
      calls: { a: ["b", "c"], b: ["d"], c: ["a"], d: ["e"], e: ["a"] },
      want: ["a", "c"],
      why: "the shortest way",
    },
    { calls: { a: ["b"], b: ["c"], c: ["b"] }, want: null, why: "a cycle without the flow itself" },
    { calls: { a: ["b", "c"], b: ["d"], c: ["d"] }, want: null, why: "a diamond is no cycle" },
  ])("gives $want: $why", ({ calls, want }) => {
    expect(findCallCycle("a", new Map(Object.entries(calls)))).toEqual(want);
  });

  it("is told as a path", () => {
    expect(callCycleMessage(["a", "b"])).toBe("Flows run each other: a → b → a.");
    expect(callCycleMessage(["a"])).toBe('The flow "a" runs itself.');
  });
});
