import { describe, expect, it } from "vitest";
import { cronFault, isTimezone } from "./cron.ts";

describe("cronFault", () => {
  it.each([
    "0 2 * * *",
    "*/10 * * * *",
    "0 0 29 2 *",
    "0 0 31 1,3 *",
    "30 0 2 * * MON-FRI",
    "0 0 L * *",
  ])("accepts %s", (pattern) => {
    expect(cronFault(pattern)).toBeNull();
  });

  it.each([
    { pattern: "0 0 30 2 *", why: "no 30 February" },
    { pattern: "0 0 31 2,4,6,9,11 *", why: "no such day in any of the months" },
    { pattern: "60 * * * *", why: "no minute 60" },
    { pattern: "* * * * * * *", why: "seven fields" },
    { pattern: "* * * *", why: "four fields" },
    { pattern: "", why: "no fields" },
    { pattern: "? * * * *", why: "depends on when it is read" },
    { pattern: "@daily", why: "a nickname" },
    { pattern: "0 2 * * FUNDAY", why: "no such day of the week" },
  ])("refuses $pattern: $why", ({ pattern }) => {
    const fault = cronFault(pattern);
    expect(fault?.message).toMatch(/\.$/);
    expect(fault?.fix).toMatch(/\.$/);
  });
});

describe("isTimezone", () => {
  it.each(["UTC", "Asia/Seoul", "America/Argentina/Buenos_Aires", "Asia/Calcutta"])(
    "knows %s",
    (name) => {
      expect(isTimezone(name)).toBe(true);
    },
  );

  it.each(["", "Asia/Soul", "+09:00", "KST-9", "Asia/Seoul\n", "../UTC"])("refuses %j", (name) => {
    expect(isTimezone(name)).toBe(false);
  });
});
