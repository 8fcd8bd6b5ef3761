import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type RunState, runStates } from "../run/states.ts";
import { hashPlan, type LatestRun, planRows, type Subject, totalsOf } from "./plan.ts";
import { type Reprocess, reprocessModes } from "./states.ts";

const HOUR_MS = 3_600_000;
const subjects = (count: number): Subject[] =>
  Array.from({ length: count }, (_, n) => ({
    span: { start: n * HOUR_MS, end: (n + 1) * HOUR_MS },
    params: null,
  }));

describe("deciding about an interval", () => {
  it.each<[RunState | null, Reprocess, string]>([
    [null, "missing", "run missing"],
    [null, "failed", "run missing"],
    [null, "all", "run missing"],
    ["failed", "missing", "skip failed"],
    ["failed", "failed", "run failed"],
    ["failed", "all", "run failed"],
    ["cancelled", "missing", "skip cancelled"],
    ["cancelled", "failed", "run cancelled"],
    ["succeeded", "missing", "skip succeeded"],
    ["succeeded", "failed", "skip succeeded"],
    ["succeeded", "all", "run succeeded"],
    ["queued", "all", "skip live"],
    ["running", "all", "skip live"],
    ["running", "failed", "skip live"],
  ])("latest run %s, reprocess %s: %s", (state, mode, expected) => {
    const latest: LatestRun | undefined =
      state === null ? undefined : { id: "7", state, guarded: false };
    const [row] = planRows(subjects(1), () => latest, mode);
    expect(`${row?.decision} ${row?.reason.kind}`).toBe(expected);
    expect(row?.reason.run).toBe(state === null ? null : "7");
  });

  it("marks as guarded only what is run again", () => {
    const latest = { id: "7", state: "succeeded", guarded: true } as const;
    const guarded = (mode: Reprocess) => planRows(subjects(1), () => latest, mode)[0]?.guarded;
    expect(guarded("all")).toBe(true);
    expect(guarded("failed")).toBe(false);
  });
});

const histories = fc.array(fc.option(fc.constantFrom(...runStates), { nil: null }), {
  minLength: 1,
  maxLength: 60,
});
const modes = fc.constantFrom(...reprocessModes);
const latestIn =
  (states: readonly (RunState | null)[]) =>
  (index: number): LatestRun | undefined => {
    const state = states[index];
    return state == null ? undefined : { id: String(index + 1), state, guarded: false };
  };

describe("whatever has run before", () => {
  it("decides about every interval once, in order, with a reason that fits", () => {
    fc.assert(
      fc.property(histories, modes, (states, mode) => {
        const rows = planRows(subjects(states.length), latestIn(states), mode);
        expect(rows.map(({ ordinal }) => ordinal)).toEqual(states.map((_, index) => index));
        expect(rows.map(({ span }) => span?.start)).toEqual(states.map((_, n) => n * HOUR_MS));
        const { counts, reasons } = totalsOf(rows);
        expect(counts.run + counts.skip).toBe(states.length);
        expect(Object.values(reasons).reduce((sum, n) => sum + n, 0)).toBe(states.length);
        for (const { reason } of rows) expect(reason.run === null).toBe(reason.kind === "missing");
      }),
    );
  });

  it("can be stopped at any point: a new plan takes exactly what is left", () => {
    fc.assert(
      fc.property(histories, modes, fc.infiniteStream(fc.boolean()), (states, mode, done) => {
        const first = planRows(subjects(states.length), latestIn(states), mode);
        // Some of what was to run has succeeded by now, in whatever order.
        const after = states.map((state, n) =>
          first[n]?.decision === "run" && done.next().value === true ? "succeeded" : state,
        );
        const second = planRows(subjects(states.length), latestIn(after), "failed");
        second.forEach((row, n) => {
          if (first[n]?.decision !== "run" || mode === "all") return;
          expect(row.decision).toBe(after[n] === "succeeded" ? "skip" : "run");
        });
      }),
    );
  });

  it("has the same hash exactly when the plan is the same", () => {
    fc.assert(
      fc.property(histories, histories, modes, (one, other, mode) => {
        const rows = (states: readonly (RunState | null)[]) =>
          planRows(subjects(states.length), latestIn(states), mode);
        const [a, b] = [rows(one), rows(other)];
        const same = JSON.stringify(a) === JSON.stringify(b);
        expect(hashPlan("head", a) === hashPlan("head", b)).toBe(same);
        expect(hashPlan("head", a)).not.toBe(hashPlan("another", a));
      }),
    );
  });
});
