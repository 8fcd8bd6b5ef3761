import { expect, it } from "vitest";
import { duration, durationText } from "./output.ts";

it.each([
  { ms: -5, want: "0.0 s", why: "clocks differ a little" },
  { ms: 1_240, want: "1.2 s", why: "below a minute" },
  { ms: 185_900, want: "3 min 5 s", why: "below an hour" },
  { ms: 7_620_000, want: "2 h 7 min", why: "longer" },
])("writes $want: $why", ({ ms, want }) => {
  expect(durationText(ms)).toBe(want);
});

it("counts what goes on to the time it is given", () => {
  const [start, now] = ["2026-01-01T00:00:00Z", "2026-01-01T00:02:00Z"];
  expect(duration(start, null, now)).toBe("2 min 0 s");
  expect(duration(start, "2026-01-01T00:00:01Z", now)).toBe("1.0 s");
  expect(duration(null, null, now)).toBe("–");
});
