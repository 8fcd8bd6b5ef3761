import { describe, expect, it } from "vitest";
import { adviseSize, type SizeRecord } from "./advise-size.ts";

/** 400 task runs of one run on four slots: 45 ms of start for 5 ms of work each. */
const small: SizeRecord = {
  of: { kind: "list", task: "load", batch: 1 },
  runs: 1,
  taskRuns: 400,
  waitMs: 400 * 50,
  busyMs: 400 * 50,
  spanMs: 5_000,
  quickMs: 50,
  startUpMs: 45,
  processors: 4,
};

describe("adviseSize", () => {
  it("proposes a batch, with what it rests on", () => {
    expect(adviseSize(small)).toEqual({
      of: { kind: "list", task: "load", batch: 1 },
      runs: 1,
      taskRuns: 400,
      overhead: 0.95,
      startUpMs: 45,
      workMs: 5,
      waitMs: 50,
      batch: 50,
      spanMs: 5_000,
      // Eight starts of 45 ms and 400 × 5 ms of work, four at a time.
      thenMs: 590,
    });
  });

  it.each([
    { change: { taskRuns: 199 }, want: null, why: "199 task runs prove nothing" },
    { change: { runs: 40 }, want: null, why: "ten in a run are not worth a batch" },
    { change: { runs: 0, taskRuns: 0 }, want: null, why: "nothing has run" },
    { change: { startUpMs: 24 }, want: null, why: "the work takes longer than the start" },
    { change: { startUpMs: 25 }, want: 5, why: "start and work take the same" },
    {
      change: { waitMs: 1e9, startUpMs: 5 },
      want: null,
      why: "full slots are no sign of small tasks",
    },
    { change: { startUpMs: 50 }, want: 100, why: "all slots have work, where work takes no time" },
    { change: { startUpMs: 900 }, want: 100, why: "no start takes longer than its attempt" },
    {
      change: { spanMs: 20_000, startUpMs: 50 },
      want: 200,
      why: "one slot: two batches are enough",
    },
    {
      change: { of: { kind: "list" as const, task: "load", batch: 50 } },
      want: 2_000,
      why: "fifty items do as little as one",
    },
    {
      change: { of: { kind: "alike" as const, type: "shell" } },
      want: 50,
      why: "many alike tasks could be a list",
    },
    {
      change: { quickMs: 22, startUpMs: 20 },
      want: 50,
      why: "a busy machine makes starts longer, not the work",
    },
    {
      change: { quickMs: 5, startUpMs: 5, busyMs: 400 * 100 },
      want: null,
      why: "some need no work, but most do: load does not explain it",
    },
    {
      change: { quickMs: 40, startUpMs: 20, processors: 1 },
      want: 100,
      why: "four at a time on one processor make their starts four times as long",
    },
    {
      change: { quickMs: 40, startUpMs: 20 },
      want: 5,
      why: "they do not on four",
    },
    {
      change: { quickMs: 10, startUpMs: 10, busyMs: 400 * 100, processors: 1 },
      want: null,
      why: "neither does a crowd explain what only some take",
    },
    {
      change: { quickMs: 400, startUpMs: 20, busyMs: 400 * 400, spanMs: 400, processors: 1 },
      want: null,
      why: "nor do hundreds that wait for something else than a processor",
    },
    { change: { busyMs: 0 }, want: null, why: "attempts that take no time cost nothing" },
    { change: { spanMs: 50 }, want: null, why: "all at once: a batch would only slow them down" },
  ])("gives $want: $why", ({ change, want }) => {
    expect(adviseSize({ ...small, ...change })?.batch ?? null).toBe(want);
  });

  it("never promises that it takes longer", () => {
    for (const startUpMs of [25, 30, 40, 50]) {
      const advice = adviseSize({ ...small, startUpMs });
      expect(advice?.thenMs).toBeLessThanOrEqual(advice?.spanMs ?? 0);
    }
  });
});
