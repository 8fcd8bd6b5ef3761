import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Catchup, catchups, MISSED_AFTER_MS, MOST_AT_ONCE, planDue } from "./catchup.ts";
import { clockOf } from "./testing/clock.ts";
import { nextTick, ticksBetween } from "./ticks.ts";

const hourly = clockOf("0 * * * *", "UTC");
const at = (text: string) => Date.parse(`2026-05-10T${text}Z`);

/** Ticks as hours of the day, missed ones marked. */
function plan(catchup: Catchup, pending: string, now: string) {
  const { fire, dropped, next } = planDue(hourly, catchup, at(pending), at(now));
  return {
    fire: fire.map(({ tick, late }) => `${new Date(tick).getUTCHours()}${late ? " late" : ""}`),
    dropped: dropped?.count ?? 0,
    next: next === null ? null : new Date(next).getUTCHours(),
  };
}

describe("ticks that are due", () => {
  it.each([
    {
      catchup: "none",
      now: "05:00:00",
      want: { fire: ["5"], dropped: 0, next: 6 },
      why: "on the dot",
    },
    {
      catchup: "none",
      now: "05:00:14",
      want: { fire: ["5"], dropped: 0, next: 6 },
      why: "noticed by a runner that took over: not missed",
    },
    {
      catchup: "none",
      now: "05:00:16",
      want: { fire: [], dropped: 1, next: 6 },
      why: "noticed too late",
    },
    {
      catchup: "none",
      now: "09:30:00",
      want: { fire: [], dropped: 5, next: 10 },
      why: "down for hours",
    },
    {
      catchup: "none",
      now: "09:00:05",
      want: { fire: ["9"], dropped: 4, next: 10 },
      why: "back just after a tick, which is on time",
    },
    {
      catchup: "latest",
      now: "09:30:00",
      want: { fire: ["9 late"], dropped: 4, next: 10 },
      why: "one for all that were missed",
    },
    {
      catchup: "latest",
      now: "05:30:00",
      want: { fire: ["5 late"], dropped: 0, next: 6 },
      why: "one was missed and is the latest",
    },
    {
      catchup: "latest",
      now: "09:00:05",
      want: { fire: ["9"], dropped: 4, next: 10 },
      why: "the latest of all is on time: one run is enough",
    },
    {
      catchup: "all",
      now: "09:30:00",
      want: { fire: ["5 late", "6 late", "7 late", "8 late", "9 late"], dropped: 0, next: 10 },
      why: "every one, oldest first",
    },
    {
      catchup: "all",
      now: "07:00:05",
      want: { fire: ["5 late", "6 late", "7"], dropped: 0, next: 8 },
      why: "and then the one on time",
    },
  ] as const)("$catchup at $now: $why", ({ catchup, now, want }) => {
    expect(plan(catchup, "05:00:00", now)).toEqual(want);
  });

  it("are fired in portions when very many were missed", () => {
    const pending = Date.UTC(2026, 0, 1);
    const now = Date.UTC(2026, 1, 1);
    const first = planDue(hourly, "all", pending, now);
    expect(first.fire).toHaveLength(MOST_AT_ONCE);
    expect(first.next).toBe(pending + MOST_AT_ONCE * 3_600_000);
    expect(first.dropped).toBeNull();
  });

  it("are counted only up to a bound", () => {
    const secondly = clockOf("* * * * * *", "UTC");
    const pending = Date.UTC(2026, 0, 1);
    const { dropped, fire } = planDue(secondly, "none", pending, Date.UTC(2027, 0, 1));
    expect(dropped).toMatchObject({ first: pending, count: 10_000, exact: false });
    expect(dropped?.last).toBe(Date.UTC(2027, 0, 1) - MISSED_AFTER_MS - 1_000);
    expect(fire).toHaveLength(MISSED_AFTER_MS / 1_000 + 1);
  });

  it("end with the schedule", () => {
    const ending = clockOf("0 * * * *", "UTC", { end: at("07:00") });
    expect(planDue(ending, "all", at("05:00"), at("09:30"))).toMatchObject({
      fire: [{ tick: at("05:00") }, { tick: at("06:00") }],
      next: null,
    });
  });
});

describe("any downtime", () => {
  it("leaves every tick fired or counted, once and in order", () => {
    const day = 86_400_000;
    fc.assert(
      fc.property(
        fc.constantFrom(...catchups),
        fc.constantFrom("*/7 * * * *", "0 * * * *", "30 2 * * *", "0 9 * * 1-5"),
        fc.constantFrom("UTC", "America/New_York", "Australia/Lord_Howe"),
        fc.integer({ min: Date.UTC(2026, 2, 1), max: Date.UTC(2026, 11, 1) }),
        fc.integer({ min: 0, max: 5 * day }),
        (catchup, pattern, zone, from, down) => {
          const clock = clockOf(pattern, zone);
          const first = nextTick(clock, from) ?? 0;
          const now = first + down;
          const fired: number[] = [];
          let dropped = 0;
          let pending: number | null = first;
          while (pending !== null && pending <= now) {
            const step = planDue(clock, catchup, pending, now);
            fired.push(...step.fire.map(({ tick }) => tick));
            dropped += step.dropped?.count ?? 0;
            expect(step.next ?? now + 1).toBeGreaterThan(pending);
            pending = step.next;
          }
          const due = [...ticksBetween(clock, first, now + 1)];
          expect(fired).toEqual(due.slice(due.length - fired.length));
          expect(fired.length + dropped).toBe(due.length);
          if (catchup === "all") expect(dropped).toBe(0);
          if (catchup === "latest") expect(fired.at(-1)).toBe(due.at(-1));
        },
      ),
      { numRuns: 300 },
    );
  }, 60_000);
});
