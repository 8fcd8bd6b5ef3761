import { expect, it } from "vitest";
import { leastMakespan, listSchedule, measureInstance } from "./instances.ts";

function instance(tasks: Record<string, { seconds: number; parents: string[] }>) {
  const entries = Object.entries(tasks);
  return {
    workflow: {
      specification: { tasks: entries.map(([id, { parents }]) => ({ id, parents })) },
      execution: {
        tasks: entries.map(([id, { seconds }]) => ({ id, runtimeInSeconds: seconds })),
      },
    },
  };
}

it("takes the longest way through a diamond, in whatever order tasks are listed", () => {
  const diamond = {
    d: { seconds: 1, parents: ["b", "c"] },
    c: { seconds: 5, parents: ["a"] },
    b: { seconds: 2, parents: ["a"] },
    a: { seconds: 3, parents: [] },
  };
  expect(measureInstance(instance(diamond))).toMatchObject({
    tasks: 4,
    criticalPathS: 9,
    workS: 11,
  });
});

it("follows a path of thousands of tasks", () => {
  const tasks = Object.fromEntries(
    Array.from({ length: 5_000 }, (_, i) => [
      `t${i}`,
      { seconds: 1, parents: i === 4_999 ? [] : [`t${i + 1}`] },
    ]),
  );
  expect(measureInstance(instance(tasks)).criticalPathS).toBe(5_000);
});

it("schedules by readiness within the slots, which may take longer than any bound", () => {
  const single = (seconds: number) => ({ seconds, parents: [] });
  const late = measureInstance(
    instance({ a: single(1), b: single(1), c: single(2), last: { seconds: 1, parents: ["a"] } }),
  );
  expect([1, 2, 3, 16].map((slots) => listSchedule(late, slots))).toEqual([5, 3, 2, 2]);
  expect(Math.max(late.criticalPathS, late.workS / 2)).toBe(2.5);
});

it("knows what no schedule can beat: what has to come before, and what is left after", () => {
  const middle = Object.fromEntries(
    ["a", "b", "c", "d"].map((id) => [id, { seconds: 2, parents: ["first"] }]),
  );
  const hourglass = measureInstance(
    instance({
      first: { seconds: 3, parents: [] },
      ...middle,
      last: { seconds: 1, parents: Object.keys(middle) },
    }),
  );
  expect([1, 2, 3, 4, 16].map((slots) => leastMakespan(hourglass, slots))).toEqual([
    12,
    3 + 8 / 2 + 1,
    3 + 8 / 3 + 1,
    6,
    6,
  ]);
  expect(listSchedule(hourglass, 2)).toBe(8);
  expect(listSchedule(hourglass, 3)).toBeGreaterThan(leastMakespan(hourglass, 3));
});

it.each([
  {
    tasks: { a: { seconds: 1, parents: ["b"] }, b: { seconds: 1, parents: ["a"] } },
    want: /cycle/,
  },
  { tasks: { a: { seconds: 1, parents: ["a"] } }, want: /cycle/ },
  { tasks: { a: { seconds: 1, parents: ["x"] } }, want: /unknown task x/ },
])("refuses what has no makespan: $want", ({ tasks, want }) => {
  expect(() => measureInstance(instance(tasks))).toThrow(want);
});

it("refuses another format", () => {
  expect(() => measureInstance({ workflow: { tasks: [] } })).toThrow();
});
