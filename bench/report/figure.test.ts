import { expect, it } from "vitest";
import { judge, type Measured, type Target } from "./figure.ts";

const measured = (value: number, target?: Target): Measured => ({
  id: "f",
  name: "figure",
  unit: "ms",
  value,
  range: [value, value],
  limit: { name: "limit", value: 10, drift: 0 },
  how: "by hand",
  ...(target === undefined ? {} : { target }),
});

it.each([
  { value: 30, target: { kind: "ratio", atMost: 3 }, want: true, why: "the bound itself passes" },
  { value: 31, target: { kind: "ratio", atMost: 3 }, want: false, why: "more than three times" },
  { value: 9, target: { kind: "ratio", atLeast: 1 }, want: false, why: "slower than the limit" },
  { value: 11, target: { kind: "ratio", atLeast: 1 }, want: true, why: "faster than the limit" },
  { value: 31, target: { kind: "value", atMost: 50 }, want: true, why: "values ignore the limit" },
  { value: 51, target: { kind: "value", atMost: 50 }, want: false, why: "above the value" },
] as const)("$value against $target is $want: $why", ({ value, target, want }) => {
  expect(judge(measured(value, target)).pass).toBe(want);
});

it("neither passes nor fails without a target, and still tells the ratio", () => {
  expect(judge(measured(25))).toMatchObject({ ratio: 2.5, pass: null });
});

it("refuses a ratio that has nothing to divide by", () => {
  const { limit: _, ...alone } = measured(25, { kind: "ratio", atMost: 3 });
  expect(() => judge(alone)).toThrow(/no limit/);
});
