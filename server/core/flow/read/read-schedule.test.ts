import { describe, expect, it } from "vitest";
import { taskTypes } from "#server/plugins/task-types.ts";
import { compileDocument } from "../compile.ts";
import { parseYaml } from "../yaml/yaml.ts";

function startOf(start: string, timezone: string): string | undefined {
  const text = `id: a
schedule: { cron: "0 2 * * *", timezone: ${timezone}, start: "${start}" }
tasks: { x: { type: noop } }
`;
  const result = compileDocument(parseYaml(text, "a.yaml"), { types: taskTypes });
  return result.ok ? result.flow.spec.schedules[0]?.start : undefined;
}

describe("the start of a schedule", () => {
  it.each([
    {
      start: "2026-01-01",
      timezone: "Asia/Seoul",
      want: "2025-12-31T15:00:00.000Z",
      why: "a day begins at midnight in the schedule's zone",
    },
    {
      start: "2026-01-01T09:00",
      timezone: "Asia/Seoul",
      want: "2026-01-01T00:00:00.000Z",
      why: "a time without offset is one of that zone",
    },
    {
      start: "2026-01-01T09:00:00-05:00",
      timezone: "Asia/Seoul",
      want: "2026-01-01T14:00:00.000Z",
      why: "an offset wins",
    },
    { start: "2026-02-30", timezone: "UTC", want: undefined, why: "there is no such day" },
  ])("$start in $timezone: $why", ({ start, timezone, want }) => {
    expect(startOf(start, timezone)).toBe(want);
  });
});
