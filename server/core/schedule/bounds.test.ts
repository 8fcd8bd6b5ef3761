import { describe, expect, it } from "vitest";
import { readBound } from "./bounds.ts";

describe("the start or end of a schedule", () => {
  it.each([
    {
      text: "2026-03-08",
      zone: "America/New_York",
      want: "2026-03-08T00:00-05:00",
      why: "midnight in the zone",
    },
    {
      text: "2026-03-08T02:30",
      zone: "America/New_York",
      want: "2026-03-08T03:00-04:00",
      why: "a skipped time is reached at the jump",
    },
    {
      text: "2026-11-01T01:30:15",
      zone: "America/New_York",
      want: "2026-11-01T01:30:15-04:00",
      why: "the first of two",
    },
    {
      text: "2018-11-04",
      zone: "America/Sao_Paulo",
      want: "2018-11-04T01:00-02:00",
      why: "a day without midnight",
    },
    { text: "2026-03-08T02:30Z", zone: "Asia/Seoul", want: "2026-03-08T02:30Z", why: "UTC" },
    {
      text: "2026-03-08 02:30+09:00",
      zone: "UTC",
      want: "2026-03-08T02:30+09:00",
      why: "its own offset wins",
    },
  ])("$text in $zone: $why", ({ text, zone, want }) => {
    expect(readBound(text, zone)).toBe(Date.parse(want));
  });

  it.each(["", "tomorrow", "2026-02-30", "2026-13-01", "2026-01-01T25:00", "2026-01-01T00:00+9"])(
    "%s is none",
    (text) => expect(readBound(text, "UTC")).toBeNull(),
  );
});
