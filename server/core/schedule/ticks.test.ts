import { describe, expect, it } from "vitest";
import { clockOf } from "./testing/clock.ts";
import { tickCases } from "./testing/tick-cases.ts";
import { oracleTicks } from "./testing/tick-oracle.ts";
import { lastTick, nextTick, nextTicks, spanOf, ticksBetween } from "./ticks.ts";

const iso = (instant: number) => new Date(instant).toISOString();

describe("ticks where clocks change", () => {
  it("looks at 40 cases and more", () => {
    expect(tickCases.length).toBeGreaterThanOrEqual(40);
  });

  it.each(tickCases)("$zone $cron from $from: $why", ({ zone, cron, from, to, want }) => {
    const [first, end] = [Date.parse(from), Date.parse(to)];
    const ticks = [...ticksBetween(clockOf(cron, zone), first, end)].map(iso);
    expect(ticks).toEqual(want.map((text) => iso(Date.parse(text))));
    const isOfMinutes = cron.split(" ").length === 5 && !cron.includes("L");
    if (isOfMinutes) expect(ticks).toEqual(oracleTicks([cron], zone, first, end)[0]?.map(iso));
  });

  it.each(tickCases)("$zone $cron from $from backwards", ({ zone, cron, from, to }) => {
    const [first, end] = [Date.parse(from), Date.parse(to)];
    const clock = clockOf(cron, zone);
    const forwards = [...ticksBetween(clock, first, end)];
    const backwards: number[] = [];
    let tick = lastTick(clock, end - 1);
    while (tick !== null && tick >= first) {
      backwards.unshift(tick);
      tick = lastTick(clock, tick - 1);
    }
    expect(backwards.map(iso)).toEqual(forwards.map(iso));
  });
});

describe("the span of a tick", () => {
  it("reaches from the tick before, also where one of them was moved", () => {
    const clock = clockOf("30 2 * * *", "America/New_York");
    const ticks = nextTicks(clock, Date.parse("2026-03-07T12:00Z"), 2);
    const hours = ticks.map((tick) => {
      const span = spanOf(clock, tick);
      return span === null ? null : (span.end - span.start) / 3_600_000;
    });
    expect(hours).toEqual([23.5, 23.5]);
  });

  it("does not depend on the start of the schedule", () => {
    const start = Date.parse("2026-05-10T12:00Z");
    const clock = clockOf("0 0 * * *", "UTC", { start });
    const tick = nextTick(clock, 0);
    expect(tick === null ? null : spanOf(clock, tick)).toEqual({
      start: Date.parse("2026-05-10T00:00Z"),
      end: Date.parse("2026-05-11T00:00Z"),
    });
  });
});

describe("start and end", () => {
  const start = Date.parse("2026-05-10T00:00Z");
  const end = Date.parse("2026-05-12T00:00Z");
  const clock = clockOf("0 0 * * *", "UTC", { start, end });

  it("are the first instant that may fire and the first that may not", () => {
    expect([...ticksBetween(clock, 0, Number.MAX_SAFE_INTEGER)].map(iso)).toEqual([
      "2026-05-10T00:00:00.000Z",
      "2026-05-11T00:00:00.000Z",
    ]);
  });

  it("bound the search backwards as well", () => {
    expect(lastTick(clock, Date.parse("2030-01-01T00:00Z"))).toBe(Date.parse("2026-05-11T00:00Z"));
    expect(lastTick(clock, start - 1)).toBeNull();
    expect(nextTick(clock, end)).toBeNull();
  });
});
