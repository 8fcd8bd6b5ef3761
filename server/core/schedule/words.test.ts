import { describe, expect, it } from "vitest";
import { describeCron } from "./words.ts";

describe("a pattern in plain words", () => {
  it.each([
    { pattern: "0 2 * * *", en: "At 02:00, every day", ko: "02:00, 매일" },
    { pattern: "15 * * * *", en: "At 15 minutes past the hour", ko: "매시 15분" },
    {
      pattern: "45 9-17 * * MON-FRI",
      en: "At 45 minutes past the hour, between 09:00 and 17:59, Monday through Friday",
      ko: "매시 45분, 09:00부터 17:59까지, 월요일부터 금요일까지",
    },
    { pattern: "0 * * * *", en: "Every hour", ko: "1시간마다" },
    { pattern: "*/15 * * * *", en: "Every 15 minutes", ko: "15분마다" },
    {
      pattern: "30 9 * * MON-FRI",
      en: "At 09:30, Monday through Friday",
      ko: "09:30, 월요일부터 금요일까지",
    },
    { pattern: "*/10 * * * * *", en: "Every 10 seconds", ko: "10초마다" },
    {
      pattern: "0 0 L * *",
      en: "At 00:00, on the last day of the month",
      ko: "00:00, 해당 월의 마지막 날에",
    },
    {
      pattern: "0 0 13 * +5",
      en: "At 00:00, on day 13 of the month, only on Friday",
      ko: "00:00, 매월 13일, 금요일에만",
    },
  ])("$pattern", ({ pattern, en, ko }) => {
    expect(describeCron(pattern)).toEqual({ en, ko });
  });

  it("has none for what cannot be said", () => {
    expect(describeCron("0 0 1W,15 * *")).toBeNull();
  });
});
