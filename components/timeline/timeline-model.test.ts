import { describe, expect, it } from "vitest";
import type { AttemptView } from "#server/core/run/attempt-view.ts";
import type { TaskRunView } from "#server/core/run/view.ts";
import { timelineOf } from "./timeline-model.ts";

const zero = Date.UTC(2026, 0, 1);
const at = (second: number) => new Date(zero + second * 1_000).toISOString();
const now = zero + 100_000;

function task(id: string, values: Partial<TaskRunView>): TaskRunView {
  return {
    id,
    ordinal: 0,
    type: "noop",
    state: "waiting",
    attempt: 0,
    readyAt: null,
    startedAt: null,
    finishedAt: null,
    notBefore: null,
    reusedFrom: null,
    runner: null,
    items: null,
    ...values,
  };
}

function attempt(number: number, start: number, end: number, state: AttemptView["state"]) {
  return {
    attempt: number,
    state,
    startedAt: at(start),
    finishedAt: at(end),
    runner: null,
    error: null,
  };
}

function draw(tasks: TaskRunView[], attempts: Record<string, AttemptView[]> = {}) {
  const graph = { hash: "g", tasks: [] };
  const run = { createdAt: at(0), tasks, graph };
  const { rows, ...span } = timelineOf(run, new Map(Object.entries(attempts)), now);
  return {
    span,
    rows: rows.map((row) => ({
      id: row.task.id,
      bars: row.bars.map(({ kind, state, start, end, open }) =>
        [kind, state, (start - zero) / 1_000, (end - zero) / 1_000, open].join(" "),
      ),
    })),
  };
}

describe("timelineOf", () => {
  it("shows the wait for a slot before the attempt", () => {
    const done = task("a", {
      state: "succeeded",
      attempt: 1,
      readyAt: at(1),
      startedAt: at(3),
      finishedAt: at(9),
    });
    expect(draw([done])).toEqual({
      span: { start: zero, end: zero + 9_000 },
      rows: [{ id: "a", bars: ["wait  1 3 false", "attempt succeeded 3 9 false"] }],
    });
  });

  it("draws a live attempt up to now", () => {
    const live = task("a", { state: "running", attempt: 1, startedAt: at(3) });
    expect(draw([live]).rows[0]?.bars).toEqual(["attempt running 3 100 true"]);
  });

  it("shows each attempt and the waits between them", () => {
    const tried = task("a", {
      state: "succeeded",
      attempt: 3,
      readyAt: at(1),
      startedAt: at(40),
      finishedAt: at(50),
    });
    const stored = [
      attempt(1, 1, 5, "failed"),
      attempt(2, 15, 20, "timed_out"),
      attempt(3, 40, 50, "succeeded"),
    ];
    expect(draw([tried], { a: stored }).rows[0]?.bars).toEqual([
      "attempt failed 1 5 false",
      "wait  5 15 false",
      "attempt timed_out 15 20 false",
      "wait  20 40 false",
      "attempt succeeded 40 50 false",
    ]);
  });

  it("takes the state of the latest attempt from its record: a time-out is not a failure", () => {
    const over = task("a", {
      state: "failed",
      attempt: 1,
      startedAt: at(1),
      finishedAt: at(5),
    });
    expect(draw([over], { a: [attempt(1, 1, 5, "timed_out")] }).rows[0]?.bars).toEqual([
      "attempt timed_out 1 5 false",
    ]);
  });

  it("shows the wait of a retry that is yet to come", () => {
    const later = task("a", {
      state: "retry_wait",
      attempt: 1,
      readyAt: at(0),
      startedAt: at(1),
      finishedAt: at(5),
    });
    expect(draw([later]).rows[0]?.bars).toEqual([
      "wait  0 1 false",
      "attempt failed 1 5 false",
      "wait  5 100 true",
    ]);
  });

  it("orders tasks by their start; what never ran comes last and has no bars", () => {
    const drawn = draw([
      task("late", { state: "succeeded", attempt: 1, startedAt: at(5), finishedAt: at(6) }),
      task("never", { state: "upstream_failed" }),
      task("reused", { state: "reused", startedAt: at(1), finishedAt: at(2) }),
      task("early", { state: "succeeded", attempt: 1, startedAt: at(2), finishedAt: at(4) }),
    ]);
    expect(drawn.rows.map(({ id }) => id)).toEqual(["early", "late", "never", "reused"]);
    expect(drawn.rows.slice(2).map(({ bars }) => bars)).toEqual([[], []]);
  });

  it("has a length even when nothing happened", () => {
    expect(draw([task("a", {})]).span).toEqual({ start: zero, end: zero + 1 });
  });
});
