import { describe, expect, it } from "vitest";
import { zoneClock } from "./zone.ts";

const iso = (ms: number) => new Date(ms).toISOString().slice(0, 19);

describe("the clock of a zone", () => {
  it.each([
    { zone: "America/New_York", at: "2026-03-08T06:59:59Z", shows: "2026-03-08T01:59:59" },
    { zone: "America/New_York", at: "2026-03-08T07:00:00Z", shows: "2026-03-08T03:00:00" },
    { zone: "Asia/Kathmandu", at: "1985-12-31T18:29:59Z", shows: "1985-12-31T23:59:59" },
    { zone: "Asia/Kathmandu", at: "1985-12-31T18:30:00Z", shows: "1986-01-01T00:15:00" },
    { zone: "Africa/Monrovia", at: "1972-01-07T00:44:29Z", shows: "1972-01-06T23:59:59" },
    { zone: "Africa/Monrovia", at: "1972-01-07T00:44:30Z", shows: "1972-01-07T00:44:30" },
    { zone: "Asia/Singapore", at: "1981-12-31T16:00:00Z", shows: "1982-01-01T00:00:00" },
  ])("$zone shows $shows at $at", ({ zone, at, shows }) => {
    expect(iso(zoneClock(zone).wallTime(Date.parse(at)))).toBe(shows);
  });

  it("finds a change at the very turn of a year in UTC", () => {
    const clock = zoneClock("Europe/Lisbon"); // put forward by 36:45 when 1912 began in UTC
    const turn = Date.UTC(1912, 0, 1);
    expect(iso(clock.wallTime(turn - 1_000))).toBe("1911-12-31T23:23:14");
    expect(iso(clock.wallTime(turn))).toBe("1912-01-01T00:00:00");
    expect(clock.instantOf(Date.UTC(1911, 11, 31, 23, 30))).toBe(turn);
  });

  it("is refused for a zone that does not exist", () => {
    expect(() => zoneClock("Mars/Olympus")).toThrow(RangeError);
  });

  it("remembers the latest time shown while times are shown again", () => {
    const clock = zoneClock("Europe/Berlin");
    const second = Date.parse("2026-10-25T02:10+01:00");
    expect(iso(clock.wallTime(second))).toBe("2026-10-25T02:10:00");
    expect(iso(clock.latestWallTime(second))).toBe("2026-10-25T02:59:59");
    expect(iso(clock.latestWallTime(Date.parse("2026-10-25T03:00+01:00")))).toBe(
      "2026-10-25T03:00:00",
    );
  });
});
