import { expect, it } from "vitest";
import { mentionedTasks, stringsIn } from "./mentions.ts";

const upstream = ["extract", "load-all", "a.b"];

it.each([
  { texts: ["{{ params.x }}"], want: [], why: "no task is read" },
  { texts: ["{{ tasks.extract.output.n }}"], want: ["extract"], why: "by name" },
  { texts: ["{{ tasks['a.b'].output }}"], want: ["a.b"], why: "by quoted name" },
  {
    texts: ['{{ tasks["load-all"].output }}', "extract"],
    want: ["load-all"],
    why: "a name alone reads nothing",
  },
  {
    texts: ["{{ tasks[params.which].output }}"],
    want: upstream,
    why: "which one is known only later",
  },
  { texts: ["{{ tasks [ params.which ] }}"], want: upstream, why: "spaces change nothing" },
])("$texts reads $want: $why", ({ texts, want }) => {
  expect(mentionedTasks(texts, upstream)).toEqual(want);
});

it("finds every string in a value", () => {
  expect([...stringsIn({ a: "1", b: [2, "3", { c: "4" }], d: null })]).toEqual(["1", "3", "4"]);
});
