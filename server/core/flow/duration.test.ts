import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDuration, MAX_DURATION_MS, parseDuration } from "./duration.ts";

describe("parseDuration", () => {
  it.each([
    { text: "500ms", want: 500, why: "milliseconds are not minutes" },
    { text: "10s", want: 10_000, why: "seconds" },
    { text: "5m", want: 300_000, why: "minutes" },
    { text: "2h", want: 7_200_000, why: "hours" },
    { text: "1d", want: 86_400_000, why: "a day has 24 hours, whatever the zone" },
    { text: "1h30m", want: 5_400_000, why: "units combine from large to small" },
    { text: "90m", want: 5_400_000, why: "a unit may exceed the next one" },
    { text: "0s", want: 0, why: "nothing is a duration" },
    { text: "366d", want: MAX_DURATION_MS, why: "the longest" },
    { text: "366d1ms", want: null, why: "longer than the longest" },
    { text: "30m1h", want: null, why: "small before large" },
    { text: "1h1h", want: null, why: "a unit twice" },
    { text: "1.5h", want: null, why: "fractions" },
    { text: "-1s", want: null, why: "signs" },
    { text: "1 h", want: null, why: "white space" },
    { text: "10", want: null, why: "no unit" },
    { text: "10S", want: null, why: "upper case" },
    { text: "", want: null, why: "nothing written" },
    { text: `${"9".repeat(400)}d`, want: null, why: "more digits than a number holds" },
  ])("$text is $want: $why", ({ text, want }) => {
    expect(parseDuration(text)).toBe(want);
  });

  it("reads back what formatDuration writes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MAX_DURATION_MS }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });

  it("adds up its parts", () => {
    const unit = fc.nat({ max: 1_000 });
    fc.assert(
      fc.property(unit, unit, unit, (h, m, s) => {
        expect(parseDuration(`${h}h${m}m${s}s`)).toBe((h * 3_600 + m * 60 + s) * 1_000);
      }),
    );
  });
});
