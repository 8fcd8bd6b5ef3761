import { describe, expect, it } from "vitest";
import type { ScheduleSpec } from "../flow/spec.ts";
import { assignKeys, type KeyedSchedule } from "./keys.ts";

const spec = (cron: string, more: Partial<ScheduleSpec> = {}): ScheduleSpec => ({
  cron,
  timezone: "UTC",
  catchup: "latest",
  overlap: "queue",
  ...more,
});
const keyed = (key: string, cron: string, live = true): KeyedSchedule => ({
  key,
  spec: spec(cron),
  live,
});

describe("keys of schedules", () => {
  it.each([
    { before: [], after: ["a", "b"], want: ["1", "2"], why: "a new flow" },
    {
      before: [keyed("1", "a"), keyed("2", "b")],
      after: ["a", "b"],
      want: ["1", "2"],
      why: "nothing changed",
    },
    {
      before: [keyed("1", "a"), keyed("2", "b")],
      after: ["b", "a"],
      want: ["2", "1"],
      why: "they changed places",
    },
    { before: [keyed("1", "a")], after: ["c"], want: ["1"], why: "the only one was edited" },
    {
      before: [keyed("1", "a"), keyed("2", "b")],
      after: ["a", "c"],
      want: ["1", "2"],
      why: "one was edited",
    },
    {
      before: [keyed("1", "a"), keyed("2", "b")],
      after: ["b"],
      want: ["2"],
      why: "the first was dropped",
    },
    {
      before: [keyed("1", "a"), keyed("2", "b")],
      after: ["new", "a", "b"],
      want: ["3", "1", "2"],
      why: "one was put in front",
    },
    {
      before: [keyed("1", "a", false), keyed("2", "b")],
      after: ["b", "c"],
      want: ["2", "3"],
      why: "a dropped one is not edited into another",
    },
    {
      before: [keyed("1", "a", false), keyed("2", "b")],
      after: ["a", "b"],
      want: ["1", "2"],
      why: "a dropped one comes back",
    },
    {
      before: [keyed("9", "a"), keyed("10", "b")],
      after: ["x", "y", "z"],
      want: ["9", "10", "11"],
      why: "keys are numbers, not texts",
    },
    { before: [], after: ["a", "a"], want: ["1", "2"], why: "equal ones stay apart" },
  ])("$why", ({ before, after, want }) => {
    expect(
      assignKeys(
        before,
        after.map((cron) => spec(cron)),
      ),
    ).toEqual(want);
  });

  it("compares parameters too", () => {
    const before: KeyedSchedule[] = [
      { key: "1", spec: spec("a", { params: { region: "eu" } }), live: true },
      { key: "2", spec: spec("a", { params: { region: "us" } }), live: true },
    ];
    expect(
      assignKeys(before, [
        spec("a", { params: { region: "us" } }),
        spec("a", { params: { region: "eu" } }),
      ]),
    ).toEqual(["2", "1"]);
  });
});
