import { describe, expect, it } from "vitest";
import { taskTypes } from "#server/plugins/task-types.ts";
import { compileDocument } from "./compile.ts";
import { findIntervalUse } from "./interval-use.ts";
import { parseYaml } from "./yaml/yaml.ts";

function useIn(...lines: string[]) {
  const text = ["id: a", ...lines, ""].join("\n");
  const compiled = compileDocument(parseYaml(text, "a.yaml"), { types: taskTypes });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return findIntervalUse(compiled.flow.spec, taskTypes);
}

const start = { task: "t", variable: "interval.start" };

describe("findIntervalUse", () => {
  it.each([
    {
      why: "a command",
      lines: ["tasks:", "  t: { type: shell, run: 'echo {{ interval.start }}' }"],
    },
    {
      why: "a filtered value",
      lines: ["tasks:", `  t: { type: shell, run: 'echo {{ interval.start | date: "%F" }}' }`],
    },
    {
      why: "the environment",
      lines: ["tasks:", "  t: { type: noop, env: { DAY: '{{ interval.start }}' } }"],
    },
    {
      why: "a default of all tasks",
      lines: ["defaults: { env: { DAY: '{{ interval.start }}' } }", "tasks: { t: { type: noop } }"],
    },
    {
      why: "the partition that is written",
      lines: [
        "tasks:",
        "  t:",
        "    type: noop",
        "    writes: { mode: replace_partition, dataset: d, partition: '{{ interval.start }}' }",
      ],
    },
    {
      why: "a header",
      lines: [
        "tasks:",
        "  t: { type: http, url: 'http://x.test', headers: { day: '{{ interval.start }}' } }",
      ],
    },
    {
      why: "a condition",
      lines: ["tasks:", "  t: { type: noop, if: 'interval.start > \"2012\"' }"],
    },
    {
      why: "a branch",
      lines: [
        "params: { p: { type: string } }",
        "tasks:",
        "  t: { type: shell, run: '{% if params.p %}{{ interval.start }}{% endif %}' }",
      ],
    },
  ])("finds $why", ({ lines }) => {
    expect(useIn(...lines)).toEqual(start);
  });

  it.each([
    { why: "nothing", lines: ["tasks: { t: { type: noop } }"] },
    { why: "the word", lines: ["tasks:", "  t: { type: shell, run: 'echo interval.start' }"] },
    {
      why: "a raw template",
      lines: ["tasks:", "  t: { type: shell, run: '{% raw %}{{ interval.start }}{% endraw %}' }"],
    },
    {
      why: "a parameter of that name",
      lines: [
        "params: { interval: { type: string } }",
        "tasks:",
        "  t: { type: shell, run: 'echo {{ params.interval }}' }",
      ],
    },
    {
      why: "a text in a condition",
      lines: [
        "params: { p: { type: string } }",
        "tasks:",
        "  t: { type: noop, if: 'params.p == \"interval.start\"' }",
      ],
    },
  ])("does not take $why for one", ({ lines }) => {
    expect(useIn(...lines)).toBeNull();
  });
});
