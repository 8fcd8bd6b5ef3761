import { describe, expect, it } from "vitest";
import { readInterval } from "./interval.ts";

const read = (intervalStart?: string, intervalEnd?: string, timezone = "UTC") =>
  readInterval({ intervalStart, intervalEnd, timezone });

describe("readInterval", () => {
  it.each([
    {
      given: ["2012-01-05"],
      want: ["2012-01-05T00:00:00.000Z", "2012-01-06T00:00:00.000Z"],
      why: "a date alone is its day",
    },
    {
      given: ["2012-02-28"],
      want: ["2012-02-28T00:00:00.000Z", "2012-02-29T00:00:00.000Z"],
      why: "2012 is a leap year",
    },
    {
      given: ["2012-01-05T06:30", "2012-01-05 07:00:30"],
      want: ["2012-01-05T06:30:00.000Z", "2012-01-05T07:00:30.000Z"],
      why: "times with and without seconds",
    },
    {
      given: ["2012-01-05T00:00:00+09:00", "2012-01-06T00:00:00+09:00"],
      want: ["2012-01-04T15:00:00.000Z", "2012-01-05T15:00:00.000Z"],
      why: "an offset wins over the zone",
    },
    {
      given: ["2024-03-10", undefined, "America/New_York"],
      want: ["2024-03-10T05:00:00.000Z", "2024-03-11T04:00:00.000Z"],
      why: "the day of the change to summer time has 23 hours",
    },
    {
      given: ["2024-06-01", undefined, "Asia/Seoul"],
      want: ["2024-05-31T15:00:00.000Z", "2024-06-01T15:00:00.000Z"],
      why: "midnight is meant in the zone",
    },
  ])("$given: $why", ({ given, want }) => {
    const [start, end, timezone] = given;
    expect(read(start, end, timezone)).toEqual({ start: want[0], end: want[1] });
  });

  it("is absent when nothing is given", () => {
    expect(read()).toBeUndefined();
  });

  it.each<[string | undefined, string | undefined, string]>([
    ["tomorrow", undefined, "words"],
    ["2012-02-30", undefined, "no such day"],
    ["2012-13-01", undefined, "no such month"],
    ["2012-01-01T24:00", undefined, "no such hour"],
    ["2012-01-05", "2012-01-05", "empty"],
    ["2012-01-05", "2012-01-04", "backwards"],
    [undefined, "2012-01-04", "an end without a start"],
  ])("refuses %s … %s: %s", (start, end) => {
    expect(() => read(start, end)).toThrowError(expect.objectContaining({ code: "USAGE" }));
  });
});
