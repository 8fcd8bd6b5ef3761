import { describe, expect, it } from "vitest";
import type { ScheduleSpec } from "../flow/spec.ts";
import { type StoredSchedule, syncSchedules } from "./sync.ts";

const now = Date.parse("2026-05-10T12:00Z");
const missed = Date.parse("2026-05-08T02:00Z");
const tomorrow = Date.parse("2026-05-11T02:00Z");

const daily: ScheduleSpec = {
  cron: "0 2 * * *",
  timezone: "UTC",
  catchup: "latest",
  overlap: "queue",
};
const stored = (over: Partial<StoredSchedule> = {}): StoredSchedule => ({
  key: "1",
  spec: daily,
  live: true,
  paused: false,
  nextTick: missed,
  ...over,
});

const sync = (before: StoredSchedule[], after: ScheduleSpec[]) => {
  const { write, drop } = syncSchedules(before, after, now);
  return {
    write: write.map(({ key, nextTick, change }) => ({ key, nextTick, change })),
    drop,
  };
};

describe("schedules of a new revision", () => {
  it.each([
    {
      before: [],
      after: [daily],
      want: { key: "1", nextTick: tomorrow, change: "added" },
      why: "a new one begins now, not in the past",
    },
    {
      before: [stored()],
      after: [daily],
      want: { key: "1", nextTick: missed, change: null },
      why: "an unchanged one keeps what it has missed",
    },
    {
      before: [stored()],
      after: [{ ...daily, params: { region: "eu" }, catchup: "all" as const }],
      want: { key: "1", nextTick: missed, change: "changed" },
      why: "so does one with the same clock",
    },
    {
      before: [stored()],
      after: [{ ...daily, cron: "30 13 * * *" }],
      want: { key: "1", nextTick: Date.parse("2026-05-10T13:30Z"), change: "changed" },
      why: "another clock goes on from now",
    },
    {
      before: [stored({ paused: true, nextTick: null })],
      after: [{ ...daily, cron: "30 13 * * *" }],
      want: { key: "1", nextTick: null, change: "changed" },
      why: "a pause outlives an edit",
    },
    {
      before: [stored({ live: false, nextTick: null })],
      after: [daily],
      want: { key: "1", nextTick: tomorrow, change: "added" },
      why: "one that comes back has missed nothing",
    },
    {
      before: [stored({ nextTick: null })],
      after: [daily],
      want: { key: "1", nextTick: tomorrow, change: null },
      why: "so has one whose flow was archived for a while",
    },
    {
      before: [],
      after: [{ ...daily, end: "2026-05-10T00:00:00.000Z" }],
      want: { key: "1", nextTick: null, change: "added" },
      why: "one that is over never fires",
    },
  ])("$why", ({ before, after, want }) => {
    expect(sync(before, after)).toEqual({ write: [want], drop: [] });
  });

  it("drops what the revision does not have, once", () => {
    const gone = stored({ key: "2", spec: { ...daily, cron: "0 3 * * *" } });
    expect(sync([stored(), gone], [daily]).drop).toEqual(["2"]);
    expect(sync([stored(), { ...gone, live: false }], [daily]).drop).toEqual([]);
  });
});
