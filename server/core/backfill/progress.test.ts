import { expect, it } from "vitest";
import { progressOf } from "./progress.ts";

const HOUR_MS = 3_600_000;
const facts = { ended: 60, since: 0, now: HOUR_MS, left: 30, moving: true };

it.each([
  { why: "60 an hour: 30 more take half an hour", given: facts, want: [60, 1.5 * HOUR_MS] },
  { why: "two rows say nothing", given: { ...facts, ended: 2 }, want: [null, null] },
  { why: "nothing is left", given: { ...facts, left: 0 }, want: [null, null] },
  { why: "paused: a pace, and no end", given: { ...facts, moving: false }, want: [60, null] },
  { why: "all ended in this instant", given: { ...facts, since: HOUR_MS }, want: [null, null] },
])("$why", ({ given, want }) => {
  const { perHour, eta } = progressOf(given);
  expect([perHour, eta]).toEqual(want);
});
