import fc from "fast-check";
import { expect, it } from "vitest";
import { zonedParts } from "#components/time/format.ts";
import { wallTimes } from "./zone-fields.ts";

const HOUR = 3_600_000;

it("gives every instant the fields of its zone, across changes of the clock", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(
        "UTC",
        "America/New_York",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
        "Africa/Cairo",
        "Pacific/Apia",
        "Asia/Seoul",
      ),
      fc.integer({ min: 0, max: Date.UTC(2035, 0, 1) / HOUR }),
      fc.constantFrom(1, 24, 24 * 7, 24 * 30),
      fc.integer({ min: 1, max: 300 }),
      (zone, first, step, count) => {
        const times = Array.from({ length: count }, (_, i) => (first + i * step) * HOUR);
        const walls = wallTimes(times, zone);
        times.forEach((at, i) => {
          const { year, month, day, time } = zonedParts(at, zone);
          const [hour, minute] = time.split(":").map(Number);
          expect(walls[i], `${new Date(at).toISOString()} in ${zone}`).toBe(
            Date.UTC(year, month - 1, day, hour, minute),
          );
        });
      },
    ),
    { numRuns: 40 },
  );
});
