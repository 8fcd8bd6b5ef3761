import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FLOW_ID, TASK_ID } from "./names.ts";
import { toJson } from "./read/located.ts";
import { flowIdOf, parseWfcommons } from "./wfcommons.ts";

const sample = readFileSync(new URL("testing/forkjoin.wfcommons.json", import.meta.url), "utf8");

function definitionOf(text: string, scale = 1): unknown {
  const { root, problems } = parseWfcommons(text, "Fork-Join 1.json", scale);
  expect(problems).toEqual([]);
  return root && toJson(root);
}

/** A recording of tasks that are only ids and parents. */
function recording(tasks: { id: unknown; parents?: string[]; children?: string[] }[]): string {
  return JSON.stringify({ workflow: { specification: { tasks } } });
}

describe("parseWfcommons", () => {
  it("makes each task a wait of its runtime times the scale, with the same edges", () => {
    expect(definitionOf(sample, 0.1)).toEqual({
      id: "fork-join-1",
      name: "fork-join",
      description: "One file is split, its parts are counted, the counts are added up.",
      tags: ["wfcommons"],
      tasks: {
        split_1: { type: "wait", duration: "250ms", name: "split", needs: [] },
        "count.A": { type: "wait", duration: "800ms", name: "count", needs: ["split_1"] },
        "count.B": { type: "wait", duration: "0ms", name: "count", needs: ["split_1"] },
        task: { type: "wait", duration: "0ms", name: "-", needs: ["split_1"] },
        sum: { type: "wait", duration: "150ms", needs: ["count.A", "count.B"] },
      },
    });
  });

  it("gives every recorded id a valid task id of its own", () => {
    const ids = fc.uniqueArray(fc.string({ maxLength: 6 }), { maxLength: 50 });
    fc.assert(
      fc.property(ids, (ids) => {
        const definition = definitionOf(recording(ids.map((id) => ({ id }))));
        const tasks = Object.keys((definition as { tasks: object }).tasks);
        expect(tasks).toHaveLength(ids.length);
        for (const id of tasks) expect(id).toMatch(TASK_ID);
      }),
    );
    const long = Array.from({ length: 5_000 }, (_, i) => ({ id: `${"x".repeat(300)}${i}` }));
    const tasks = Object.keys((definitionOf(recording(long)) as { tasks: object }).tasks);
    expect(tasks.filter((id) => TASK_ID.test(id))).toHaveLength(5_000);
  });

  it.each([
    { text: "[]", want: ['MISSING_KEY 1:1 "workflow"'], why: "not a recording" },
    {
      text: '{"workflow": {"specification":\n {"tasks": 1}}}',
      want: ['WRONG_TYPE 2:12 "tasks"'],
      why: "tasks must be a list",
    },
    {
      text: '{"workflow": {"tasks": []}}',
      want: ['MISSING_KEY 1:14 "specification"'],
      why: "WfFormat before 1.5",
    },
    {
      text: recording([{ id: "a", parents: ["b"], children: ["c"] }, { id: "a" }]),
      want: ['UNKNOWN_TASK 1:61 "b"', 'UNKNOWN_TASK 1:78 "c"', 'DUPLICATE_TASK 1:90 "a"'],
      why: "all problems at once",
    },
    { text: '{"a": }', want: ['SYNTAX 1:7 "}"'], why: "broken JSON" },
    {
      text: recording(Array.from({ length: 10_001 }, (_, i) => ({ id: `t${i}` }))),
      want: ["TOO_MANY_TASKS 1:39"],
      why: "more tasks than a flow has",
    },
    {
      text: sample.replace("2.5, ", "-1, "),
      want: ["INVALID_VALUE 28:48"],
      why: "nothing runs for less than no time",
    },
  ])("refuses $why", ({ text, want }) => {
    const { root, problems } = parseWfcommons(text, "a.json", 1);
    const seen = problems.map(({ code, message, position }) => {
      const [quoted = ""] = /"[^"]*"/.exec(message) ?? [];
      return `${code} ${position.line}:${position.column} ${quoted}`.trim();
    });
    expect(root).toBeNull();
    expect(seen).toEqual(want);
  });
});

describe("flowIdOf", () => {
  it.each([
    { file: "montage-2mass-005d-001.json", want: "montage-2mass-005d-001", why: "already one" },
    { file: "a/b\\Sarek (dirt02).JSON", want: "sarek-dirt02", why: "folders and signs go" },
    { file: "1000genome.json", want: "wf-1000genome", why: "ids begin with a letter" },
    { file: "작업.json", want: "wf", why: "nothing is left" },
  ])("$file → $want: $why", ({ file, want }) => {
    expect(flowIdOf(file)).toBe(want);
  });

  it("is always a flow id", () => {
    fc.assert(fc.property(fc.string({ maxLength: 300 }), (file) => FLOW_ID.test(flowIdOf(file))));
  });
});
