import { describe, expect, it } from "vitest";
import type { Json } from "../flow/spec.ts";
import type { TemplateScope } from "../flow/template/template.ts";
import { countTaskRuns, eachOf, gatheredState, listOf } from "./fan-out.ts";
import type { TaskState } from "./states.ts";

const scope: TemplateScope = {
  params: { stations: ["a", "b"], name: "x" },
  interval: null,
  timezone: "UTC",
  run: { identity: "f".repeat(64) },
  flow: { id: "lists" },
  tasks: { list: { output: { rows: [1, 2, 3] } } },
};

describe("listOf", () => {
  it.each([
    { over: [1, "two"], want: [1, "two"], why: "a list as it stands" },
    { over: "params.stations", want: ["a", "b"], why: "a parameter" },
    { over: "tasks.list.output.rows | reverse", want: [3, 2, 1], why: "an output, filtered" },
  ])("$why", ({ over, want }) => expect(listOf({ over: over as Json[] }, scope)).toEqual(want));

  it.each([
    { over: "params.name", code: "INVALID_INPUT", why: "a text is no list" },
    { over: "tasks.list.output", code: "INVALID_INPUT", why: "nor is a map" },
    { over: "params.none", code: "TEMPLATE_UNKNOWN_VARIABLE", why: "what is not there" },
  ])("refuses $over: $why", ({ over, code }) => {
    expect(() => listOf({ over }, scope)).toThrow(expect.objectContaining({ code }));
  });
});

it.each([
  { length: 0, batch: undefined, want: 0 },
  { length: 10_000, batch: undefined, want: 10_000 },
  { length: 10_001, batch: 2, want: 5_001 },
  { length: 401, batch: 200, want: 3 },
])("$length items in batches of $batch are $want task runs", ({ length, batch, want }) => {
  expect(countTaskRuns(length, batch)).toBe(want);
});

it("names the batch that would do when there are too many task runs", () => {
  expect(() => countTaskRuns(45_000)).toThrow(
    expect.objectContaining({ fix: "Set batch to 5 or more." }),
  );
});

it("hands each task run its part, the last one what is left", () => {
  expect(eachOf(["a", "b"], 1, undefined)).toEqual({ index: 1, item: "b" });
  expect(eachOf([1, 2, 3, 4, 5], 0, 2)).toEqual({ index: 0, items: [1, 2] });
  expect(eachOf([1, 2, 3, 4, 5], 2, 2)).toEqual({ index: 2, items: [5] });
});

it.each<{ items: TaskState[]; want: string }>([
  { items: [], want: "succeeded" },
  { items: ["succeeded", "reused"], want: "succeeded" },
  { items: ["cancelled", "failed", "succeeded"], want: "failed" },
  { items: ["succeeded", "cancelled"], want: "cancelled" },
])("$items ends $want", ({ items, want }) => expect(gatheredState(items)).toBe(want));
