import { describe, expect, it } from "vitest";
import type { ScheduleSpec } from "../flow/spec.ts";
import { flowZone, lastStep } from "./last-step.ts";

const now = Date.parse("2026-03-10T09:30:00Z");
const schedule = (over: Partial<ScheduleSpec>): ScheduleSpec => ({
  ...{ cron: "0 2 * * *", timezone: "Asia/Seoul", catchup: "latest", overlap: "queue" },
  ...over,
});

describe("lastStep", () => {
  it.each([
    {
      why: "the day between two ticks in Seoul",
      schedules: [schedule({})],
      want: { start: "2026-03-08T17:00:00.000Z", end: "2026-03-09T17:00:00.000Z" },
    },
    {
      why: "the hour that is over",
      schedules: [schedule({ cron: "0 * * * *", timezone: "UTC" })],
      want: { start: "2026-03-10T08:00:00.000Z", end: "2026-03-10T09:00:00.000Z" },
    },
    {
      why: "a schedule that starts later",
      schedules: [schedule({ start: "2027-01-01T00:00:00Z" })],
      want: { start: "2026-03-08T17:00:00.000Z", end: "2026-03-09T17:00:00.000Z" },
    },
    {
      why: "yesterday, without a schedule",
      schedules: [],
      want: { start: "2026-03-09T00:00:00.000Z", end: "2026-03-10T00:00:00.000Z" },
    },
  ])("is $why", ({ schedules, want }) => {
    expect(lastStep({ schedules }, now)).toEqual(want);
  });
});

it("reads dates in the zone of the first schedule, else in UTC", () => {
  expect(flowZone({ schedules: [schedule({}), schedule({ timezone: "UTC" })] })).toBe("Asia/Seoul");
  expect(flowZone({ schedules: [] })).toBe("UTC");
});
