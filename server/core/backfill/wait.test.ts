import { describe, expect, it } from "vitest";
import { type WindowState, whyBackfillWaits, whyRowWaits } from "./wait.ts";

const facts: WindowState = { state: "running", concurrency: 4, running: 4, canary: null };
const full = { kind: "window", window: 4, running: 4 };

describe("whyBackfillWaits", () => {
  it.each([
    { given: {}, want: full, why: "no room" },
    {
      given: { concurrency: 2 },
      want: { ...full, window: 2 },
      why: "the window has been narrowed",
    },
    { given: { running: 3 }, want: { kind: "next" }, why: "room" },
    { given: { state: "paused" as const }, want: { kind: "paused" }, why: "somebody paused it" },
    {
      given: { running: 1, canary: { rows: 2, last: 3 } },
      want: { kind: "canary", rows: 2 },
      why: "the first ones go on",
    },
    { given: { canary: { rows: 9, last: 8 } }, want: full, why: "the first ones fill the window" },
  ])("$why", ({ given, want }) => {
    expect(whyBackfillWaits({ ...facts, ...given })).toEqual(want);
  });
});

describe("whyRowWaits", () => {
  const canary = { rows: 2, last: 3 };
  it.each([
    { given: {}, row: {}, want: full, why: "no room" },
    { given: {}, row: { liveRun: "7" }, want: { kind: "live_run", run: "7" }, why: "a live run" },
    {
      given: { state: "paused" as const },
      row: { liveRun: "7" },
      want: { kind: "paused" },
      why: "paused goes first: the end of the run changes nothing",
    },
    {
      given: { running: 0, canary },
      row: { ordinal: 3 },
      want: { kind: "next" },
      why: "a first one",
    },
    {
      given: { running: 0, canary },
      row: { ordinal: 4 },
      want: { kind: "canary", rows: 2 },
      why: "one behind the first ones",
    },
  ])("$why", ({ given, row, want }) => {
    const whole = { ordinal: 10, liveRun: null, ...row };
    expect(whyRowWaits({ ...facts, ...given }, whole)).toEqual(want);
  });
});
