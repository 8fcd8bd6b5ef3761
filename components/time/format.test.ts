import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { agoParts, durationParts, isMidnight, isZone, zonedIso, zonedParts } from "./format.ts";

describe("zonedParts", () => {
  it.each([
    { at: "2012-01-01T00:00:00Z", zone: "UTC", time: "00:00:00", offset: "UTC", day: 1 },
    { at: "2012-01-01T00:00:00Z", zone: "Asia/Seoul", time: "09:00:00", offset: "+09:00", day: 1 },
    {
      at: "2012-01-01T00:00:00Z",
      zone: "America/St_Johns",
      time: "20:30:00",
      offset: "-03:30",
      day: 31,
    },
    {
      at: "2026-03-29T00:59:59Z",
      zone: "Europe/Berlin",
      time: "01:59:59",
      offset: "+01:00",
      day: 29,
    },
    {
      at: "2026-03-29T01:00:00Z",
      zone: "Europe/Berlin",
      time: "03:00:00",
      offset: "+02:00",
      day: 29,
    },
  ])("$at in $zone reads $time $offset", ({ at, zone, time, offset, day }) => {
    expect(zonedParts(at, zone)).toMatchObject({ time, offset, day });
  });

  it("reads UTC as the calendar of zones does", () => {
    const instants = fc.date({
      min: new Date("0100-01-01"),
      max: new Date("9999-12-31"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(instants, (at) => {
        expect(zonedParts(at.getTime(), "UTC")).toEqual(zonedParts(at.toISOString(), "Etc/GMT"));
      }),
    );
  });

  it("shows an unknown zone as UTC rather than failing", () => {
    expect(zonedParts("2012-01-01T00:00:00Z", "Mars/Olympus").offset).toBe("UTC");
    expect(isZone("Mars/Olympus")).toBe(false);
  });
});

it("writes an instant so that it can be read back", () => {
  expect(zonedIso("2012-01-01T00:00:00Z", "UTC")).toBe("2012-01-01 00:00:00Z");
  expect(zonedIso("2012-01-01T00:00:00Z", "Asia/Seoul")).toBe("2012-01-01 09:00:00+09:00");
});

it("knows midnight by the zone, to the millisecond", () => {
  const inSeoul = (at: string) => isMidnight(zonedParts(at, "Asia/Seoul"));
  expect(inSeoul("2011-12-31T15:00:00.000Z")).toBe(true);
  expect(inSeoul("2011-12-31T15:00:00.001Z")).toBe(false);
  expect(inSeoul("2012-01-01T00:00:00Z")).toBe(false);
});

it.each([
  { ms: -5, want: { key: "milliseconds", values: { ms: "0" } }, why: "clocks may differ" },
  { ms: 999, want: { key: "milliseconds", values: { ms: "999" } }, why: "below a second" },
  { ms: 1_000, want: { key: "seconds", values: { s: "1.0" } }, why: "tenths below ten" },
  { ms: 9_999, want: { key: "seconds", values: { s: "9.9" } }, why: "rounded down" },
  { ms: 59_999, want: { key: "seconds", values: { s: "59" } }, why: "not yet a minute" },
  { ms: 60_000, want: { key: "minutes", values: { m: "1", s: "00" } }, why: "a minute" },
  { ms: 3_599_999, want: { key: "minutes", values: { m: "59", s: "59" } }, why: "not yet an hour" },
  { ms: 3_660_000, want: { key: "hours", values: { h: "1", m: "01" } }, why: "an hour" },
  { ms: 90_000_000, want: { key: "days", values: { d: "1", h: "1" } }, why: "a day" },
])("$ms ms: $why", ({ ms, want }) => {
  expect(durationParts(ms)).toEqual(want);
});

it.each([
  { seconds: -3, want: { key: "now" }, why: "the future counts as now" },
  { seconds: 4, want: { key: "now" }, why: "a moment" },
  { seconds: 59, want: { key: "s", value: 59 }, why: "seconds" },
  { seconds: 3_599, want: { key: "m", value: 59 }, why: "minutes" },
  { seconds: 47 * 3_600, want: { key: "h", value: 47 }, why: "hours up to two days" },
  { seconds: 49 * 3_600, want: { key: "d", value: 2 }, why: "days" },
])("$seconds s ago: $why", ({ seconds, want }) => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  expect(agoParts(now - seconds * 1_000, now)).toEqual(want);
});
