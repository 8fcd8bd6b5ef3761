import { describe, expect, it } from "vitest";
import { addStep, instantOf, wallOf, withOffset } from "./wall-time.ts";

describe("instantOf", () => {
  it.each([
    { wall: "2012-01-01T00:00", zone: "UTC", want: "2012-01-01T00:00:00.000Z", why: "UTC" },
    {
      wall: "2012-01-01T00:00",
      zone: "Asia/Seoul",
      want: "2011-12-31T15:00:00.000Z",
      why: "ahead",
    },
    {
      wall: "2012-07-01T12:30:15",
      zone: "Asia/Kolkata",
      want: "2012-07-01T07:00:15.000Z",
      why: "half an hour, seconds",
    },
    {
      wall: "2026-03-29T02:30",
      zone: "Europe/Berlin",
      want: "2026-03-29T01:30:00.000Z",
      why: "skipped: the instant after the skip",
    },
    { wall: "", zone: "UTC", want: null, why: "empty" },
    { wall: "2012-01-01", zone: "UTC", want: null, why: "a date is no time" },
  ])("$wall in $zone: $why", ({ wall, zone, want }) => {
    expect(instantOf(wall, zone)).toBe(want);
  });
});

it("shows what clocks show, and back", () => {
  for (const zone of ["UTC", "Asia/Seoul", "America/St_Johns", "Pacific/Chatham"]) {
    expect(instantOf(wallOf("2012-05-06T07:08:00Z", zone), zone)).toBe("2012-05-06T07:08:00.000Z");
  }
});

it("keeps seconds only where there are some", () => {
  expect(wallOf("2012-01-01T00:00:00Z", "UTC")).toBe("2012-01-01T00:00");
  expect(wallOf("2012-01-01T00:00:07Z", "UTC")).toBe("2012-01-01T00:00:07");
});

it("writes the offset of the zone", () => {
  expect(withOffset("2012-01-01T00:00:00Z", "Asia/Seoul")).toBe("2012-01-01T09:00:00+09:00");
  expect(withOffset("2012-01-01T00:00:00Z", "UTC")).toBe("2012-01-01T00:00:00Z");
});

it.each([
  { wall: "2012-01-31T00:00", step: "day", want: "2012-02-01T00:00", why: "over a month" },
  { wall: "2012-12-31T23:00", step: "hour", want: "2013-01-01T00:00", why: "over a year" },
  { wall: "2012-02-26T00:00", step: "week", want: "2012-03-04T00:00", why: "over a leap day" },
  { wall: "2012-01-01T00:00", step: "month", want: "2012-02-01T00:00", why: "a month" },
  { wall: "nonsense", step: "day", want: null, why: "not a time" },
] as const)("$wall + 1 $step: $why", ({ wall, step, want }) => {
  expect(addStep(wall, step)).toBe(want);
});
