import { expect, it } from "vitest";
import { fitDays } from "./calendar-parts.ts";

const QUARTER = 900_000;
const quarters = (from: string, count: number) =>
  Array.from({ length: count }, (_, n) => Date.parse(from) + n * QUARTER);

it.each([
  { count: 96, most: 200, shown: 96, rest: null, why: "there is room for all" },
  { count: 200, most: 200, shown: 200, rest: null, why: "there is just room for all" },
  {
    count: 201,
    most: 200,
    shown: 192,
    rest: "2024-01-03",
    why: "the third day does not fit whole",
  },
  { count: 193, most: 192, shown: 192, rest: "2024-01-03", why: "it ends with a whole day" },
  { count: 97, most: 96, shown: 96, rest: "2024-01-02", why: "one day fits" },
  { count: 96, most: 50, shown: 50, rest: "2024-01-02", why: "one day is too full already" },
])("shows $shown of $count quarters of hours: $why", ({ count, most, shown, rest }) => {
  const starts = quarters("2024-01-01T00:00:00Z", count).slice(0, most + 1);
  expect(fitDays(starts, "UTC", most)).toEqual({ count: shown, rest });
});

it("begins days where the zone does", () => {
  // New Year of Seoul; the third day begins at 15:00 UTC of the second.
  const starts = quarters("2023-12-31T15:00:00Z", 201);
  expect(fitDays(starts, "Asia/Seoul", 200)).toEqual({ count: 192, rest: "2024-01-03" });
});
