import { describe, expect, it } from "vitest";
import { HIDDEN } from "#server/core/flow/params/write-only.ts";
import { compareManifests, compareTasks, type TaskOfRun } from "./compare.ts";

const task = (id: string, ms: number | null, over: Partial<TaskOfRun> = {}): TaskOfRun => ({
  id,
  type: "shell",
  state: "succeeded",
  attempt: 1,
  startedAt: ms === null ? null : new Date(0).toISOString(),
  finishedAt: ms === null ? null : new Date(ms).toISOString(),
  ...over,
});

describe("compareTasks", () => {
  it("sets equal tasks side by side, with how much longer the second took", () => {
    const [row] = compareTasks([task("x", 1_000)], [task("x", 1_250, { attempt: 2 })], () => "X");
    expect(row).toEqual({
      id: "x",
      name: "X",
      type: "shell",
      a: { state: "succeeded", attempt: 1, durationMs: 1_000 },
      b: { state: "succeeded", attempt: 2, durationMs: 1_250 },
      differenceMs: 250,
    });
  });

  it("keeps the second run's order, and puts behind it what only the first has", () => {
    const rows = compareTasks(
      [task("old", 5), task("x", 5)],
      [task("x", 5), task("new", 5)],
      () => null,
    );
    expect(rows.map(({ id, a, b }) => [id, a !== null, b !== null])).toEqual([
      ["x", true, true],
      ["new", false, true],
      ["old", true, false],
    ]);
  });

  it.each([
    { over: { state: "reused" as const }, why: "what was taken over was not executed here" },
    {
      over: { state: "running" as const, finishedAt: null },
      why: "what goes on has no length yet",
    },
  ])("has no difference: $why", ({ over }) => {
    const [row] = compareTasks([task("x", 1_000)], [task("x", 2_000, over)], () => null);
    expect(row?.differenceMs).toBeNull();
  });
});

it("finds what differs between manifests, parameter by parameter", () => {
  const source = (day: string) => ({
    manifestText: JSON.stringify({ flow: "f", params: { day, station: "seattle" } }),
    schemas: null,
  });
  expect(compareManifests(source("a"), source("a"))).toEqual([]);
  expect(compareManifests(source("a"), source("b"))).toEqual([
    { path: "/params/day", before: "a", after: "b" },
  ]);
});

it("does not show what stands inside of a hidden value, nor that a key of it is escaped", () => {
  const schemas = { login: { type: "object", writeOnly: true } };
  const source = (key: string) => ({
    manifestText: JSON.stringify({ params: { login: { "a/b~c": key }, "x/y": key.length } }),
    schemas,
  });
  expect(compareManifests(source("s3cr3t"), source("other"))).toEqual([
    { path: "/params/login/a~1b~0c", before: HIDDEN, after: HIDDEN },
    { path: "/params/x~1y", before: 6, after: 5 },
  ]);
});
