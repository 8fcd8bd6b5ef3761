import { describe, expect, it } from "vitest";
import { timeAxis } from "./time-axis.ts";

describe("timeAxis", () => {
  it.each([
    { span: 90, width: 720, step: 10, why: "milliseconds" },
    { span: 60_000, width: 720, step: 10_000, why: "tenths of a minute" },
    { span: 3_600_000, width: 720, step: 600_000, why: "an hour" },
    { span: 30 * 86_400_000, width: 720, step: 3 * 86_400_000, why: "a month in whole days" },
  ])("marks $why in steps people count in", ({ span, width, step }) => {
    const { marks } = timeAxis(1_000, 1_000 + span, width);
    expect(marks[1]?.after).toBe(step);
    expect(marks.length).toBeLessThanOrEqual(11);
  });

  it("maps the span onto the width", () => {
    const { x } = timeAxis(1_000, 3_000, 500);
    expect([x(1_000), x(2_000), x(3_000)]).toEqual([0, 250, 500]);
  });
});
