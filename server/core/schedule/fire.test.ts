import { describe, expect, it } from "vitest";
import type { ScheduleSpec } from "../flow/spec.ts";
import { planFire } from "./fire.ts";
import { clockOf } from "./testing/clock.ts";

const hourly = clockOf("0 * * * *", "UTC");
const at = (text: string) => Date.parse(`2026-05-10T${text}Z`);

function plan(
  policy: Pick<ScheduleSpec, "catchup" | "overlap">,
  pending: string,
  now: string,
  open: string[] = [],
) {
  const { starts, skipped, cancel, dropped, next } = planFire(
    hourly,
    policy,
    at(pending),
    at(now),
    open,
  );
  return {
    starts: starts.map(({ tick, held }) => `${new Date(tick).getUTCHours()}${held ? " held" : ""}`),
    skipped: skipped.map(({ tick, run }) => `${new Date(tick).getUTCHours()} for ${run}`),
    cancel,
    dropped: dropped?.count ?? 0,
    next: next === null ? null : new Date(next).getUTCHours(),
  };
}

const nothing = { starts: [], skipped: [], cancel: [], dropped: 0, next: 6 };

describe("due ticks of a schedule", () => {
  it.each([
    {
      policy: { catchup: "all", overlap: "queue" },
      now: "05:00:01",
      open: [],
      want: { ...nothing, starts: ["5"] },
      why: "nothing in the way",
    },
    {
      policy: { catchup: "all", overlap: "queue" },
      now: "05:00:01",
      open: ["7"],
      want: { ...nothing, starts: ["5 held"] },
      why: "takes its turn",
    },
    {
      policy: { catchup: "all", overlap: "skip" },
      now: "05:00:01",
      open: ["7", "8"],
      want: { ...nothing, skipped: ["5 for 8"] },
      why: "is skipped",
    },
    {
      policy: { catchup: "all", overlap: "cancel" },
      now: "05:00:01",
      open: ["7", "8"],
      want: { ...nothing, starts: ["5 held"], cancel: ["7", "8"] },
      why: "waits for what it cancels",
    },
    {
      policy: { catchup: "all", overlap: "skip" },
      now: "07:30",
      open: [],
      want: { ...nothing, starts: ["5", "6 held", "7 held"], next: 8 },
      why: "what is caught up is not skipped",
    },
    {
      policy: { catchup: "all", overlap: "cancel" },
      now: "07:30",
      open: ["7"],
      want: { ...nothing, starts: ["5 held", "6 held", "7 held"], next: 8 },
      why: "what is caught up cancels nothing",
    },
    {
      policy: { catchup: "all", overlap: "skip" },
      now: "07:00:05",
      open: [],
      want: { ...nothing, starts: ["5", "6 held"], next: 7 },
      why: "the tick on time is left until the runs before it have ids",
    },
    {
      policy: { catchup: "latest", overlap: "queue" },
      now: "09:30",
      open: ["7"],
      want: { ...nothing, starts: ["9 held"], dropped: 4, next: 10 },
      why: "one for all, after the run that goes on",
    },
    {
      policy: { catchup: "none", overlap: "queue" },
      now: "09:30",
      open: [],
      want: { ...nothing, dropped: 5, next: 10 },
      why: "none at all",
    },
  ] as const)("$policy at $now with $open open: $why", ({ policy, now, open, want }) => {
    expect(plan(policy, "05:00", now, [...open])).toEqual(want);
  });

  it("cover the time since the tick before", () => {
    const policy = { catchup: "all", overlap: "queue" } as const;
    const [start] = planFire(hourly, policy, at("05:00"), at("05:00:01"), []).starts;
    expect(start?.span).toEqual({ start: at("04:00"), end: at("05:00") });
  });
});
