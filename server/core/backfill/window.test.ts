import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BackfillState, fillCounts, type RowCounts, type RowState } from "./states.ts";
import { nextMove, type WindowFacts } from "./window.ts";

const facts = (counts: Partial<RowCounts>, more: Partial<WindowFacts> = {}): WindowFacts => ({
  state: "running",
  concurrency: 3,
  stopAfter: null,
  forgiven: 0,
  counts: fillCounts(counts),
  canary: null,
  ...more,
});

describe("the next move", () => {
  it.each([
    {
      why: "fills the window",
      given: facts({ waiting: 9 }),
      want: { kind: "start", rows: 3, canary: false },
    },
    {
      why: "fills what is free of it",
      given: facts({ waiting: 9, running: 2 }),
      want: { kind: "start", rows: 1, canary: false },
    },
    {
      why: "rests while it is full",
      given: facts({ waiting: 9, running: 3 }),
      want: { kind: "rest" },
    },
    {
      why: "rests while more run than may",
      given: facts({ waiting: 9, running: 5 }),
      want: { kind: "rest" },
    },
    {
      why: "starts nothing while paused",
      given: facts({ waiting: 9 }, { state: "paused" }),
      want: { kind: "rest" },
    },
    {
      why: "waits for the last ones, however many failed",
      given: facts({ running: 1, failed: 5 }, { stopAfter: 2 }),
      want: { kind: "rest" },
    },
    {
      why: "stops after so many failures",
      given: facts({ waiting: 1, failed: 2 }, { stopAfter: 2 }),
      want: { kind: "pause", pause: { kind: "failures", failed: 2 } },
    },
    {
      why: "forgets failures that were forgiven",
      given: facts({ waiting: 1, failed: 2 }, { stopAfter: 2, forgiven: 1 }),
      want: { kind: "start", rows: 1, canary: false },
    },
    {
      why: "starts the first ones alone",
      given: facts({ waiting: 9 }, { canary: fillCounts({ waiting: 2 }) }),
      want: { kind: "start", rows: 2, canary: true },
    },
    {
      why: "waits for the first ones",
      given: facts({ waiting: 8, running: 1 }, { canary: fillCounts({ running: 1 }) }),
      want: { kind: "rest" },
    },
    {
      why: "stops when one of the first failed",
      given: facts({ waiting: 8, failed: 1 }, { canary: fillCounts({ failed: 1, waiting: 1 }) }),
      want: { kind: "pause", pause: { kind: "canary", failed: 1 } },
    },
    {
      why: "goes on when the first ones succeeded",
      given: facts({ waiting: 8, succeeded: 2 }, { canary: fillCounts({ succeeded: 2 }) }),
      want: { kind: "start", rows: 3, canary: false },
    },
    {
      why: "ends succeeded",
      given: facts({ succeeded: 5, skipped: 2 }),
      want: { kind: "end", state: "succeeded" },
    },
    {
      why: "ends failed",
      given: facts({ succeeded: 5, failed: 1 }),
      want: { kind: "end", state: "failed" },
    },
    {
      why: "ends failed when a run was cancelled by hand",
      given: facts({ succeeded: 5, cancelled: 1 }),
      want: { kind: "end", state: "failed" },
    },
    {
      why: "ends even when it is paused",
      given: facts({ succeeded: 5 }, { state: "paused" }),
      want: { kind: "end", state: "succeeded" },
    },
    {
      why: "ends cancelled",
      given: facts({ succeeded: 5, cancelled: 3 }, { state: "cancelling" }),
      want: { kind: "end", state: "cancelled" },
    },
    {
      why: "ends as it went when cancelling came too late",
      given: facts({ succeeded: 5 }, { state: "cancelling" }),
      want: { kind: "end", state: "succeeded" },
    },
  ])("$why", ({ given, want }) => {
    expect(nextMove(given)).toEqual(want);
  });
});

/** A backfill played through with the pure decisions alone. */
interface Played {
  rows: RowState[];
  state: BackfillState;
  concurrency: number;
  stopAfter: number | null;
  canary: number;
  forgiven: number;
}

function factsOf(played: Played): WindowFacts {
  const count = (rows: readonly RowState[]) => {
    const counts = fillCounts({});
    for (const row of rows) counts[row] += 1;
    return counts;
  };
  return {
    ...played,
    counts: count(played.rows),
    canary: played.canary === 0 ? null : count(played.rows.slice(0, played.canary)),
  };
}

const games = fc.record({
  rows: fc.integer({ min: 1, max: 40 }),
  concurrency: fc.integer({ min: 1, max: 8 }),
  stopAfter: fc.option(fc.integer({ min: 1, max: 5 }), { nil: null }),
  canary: fc.integer({ min: 0, max: 5 }),
  ends: fc.infiniteStream(
    fc.constantFrom<RowState>("succeeded", "succeeded", "succeeded", "failed", "cancelled"),
  ),
  choices: fc.infiniteStream(fc.integer({ min: 0, max: 9 })),
});

describe("whatever becomes of its runs", () => {
  it("keeps the window, starts each row once, and comes to an end", () => {
    fc.assert(
      fc.property(games, ({ rows, concurrency, stopAfter, canary, ends, choices }) => {
        const played: Played = {
          rows: new Array<RowState>(rows).fill("waiting"),
          state: "running",
          concurrency,
          stopAfter,
          canary,
          forgiven: 0,
        };
        const starts = new Array<number>(rows).fill(0);
        for (let turn = 0; turn < 1_000; turn++) {
          const before = factsOf(played);
          const move = nextMove(before);
          switch (move.kind) {
            case "end":
              expect(played.rows.every((row) => row !== "waiting" && row !== "running")).toBe(true);
              expect(move.state === "succeeded").toBe(
                played.rows.every((row) => row === "succeeded"),
              );
              expect(starts).toEqual(new Array(rows).fill(1));
              return;
            case "pause": {
              // Somebody looks at it and goes on.
              expect(before.counts.failed + before.counts.cancelled).toBeGreaterThan(0);
              played.forgiven = before.counts.failed;
              if (move.pause.kind === "canary") played.canary = 0;
              break;
            }
            case "start": {
              const to = move.canary ? played.canary : rows;
              const taken = played.rows.flatMap((row, n) =>
                row === "waiting" && n < to ? [n] : [],
              );
              for (const n of taken.slice(0, move.rows)) {
                played.rows[n] = "running";
                starts[n] = (starts[n] ?? 0) + 1;
              }
              if (!move.canary) played.canary = 0;
              break;
            }
            case "rest": {
              const running = played.rows.flatMap((row, n) => (row === "running" ? [n] : []));
              expect(running.length).toBeGreaterThan(0); // else it would rest for ever
              const n = running[choices.next().value % running.length] ?? 0;
              played.rows[n] = ends.next().value;
              break;
            }
          }
          expect(played.rows.filter((row) => row === "running").length).toBeLessThanOrEqual(
            concurrency,
          );
        }
        throw new Error("it did not come to an end");
      }),
      { numRuns: 300 },
    );
  });
});
