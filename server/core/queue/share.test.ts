import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chooseRuns, dueFromBelow, type HeldRun, nextTurns, SHARE } from "./share.ts";

describe("dueFromBelow", () => {
  it.each([
    { turns: 0, most: 1, want: 0, why: "nothing has been taken yet" },
    { turns: 7, most: 1, want: 1, why: "the eighth comes from below" },
    { turns: 0, most: 16, want: 2, why: "two of sixteen" },
    { turns: 15, most: 1, want: 2, why: "what could not be given before is still owed" },
  ])("after $turns, of $most: $want, since $why", ({ turns, most, want }) => {
    expect(dueFromBelow(turns, most)).toBe(want);
  });
});

const held = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 500 }), fc.integer({ min: -3, max: 3 })), {
    maxLength: 60,
  })
  .map((rows): HeldRun[] => [
    ...new Map(rows.map(([id, priority]) => [id, { id: String(id), priority }])).values(),
  ]);

describe("chooseRuns", () => {
  it("starts as many as there is room for, each once", () => {
    fc.assert(
      fc.property(held, fc.nat(20), fc.nat(7), (runs, room, turns) => {
        const { chosen } = chooseRuns(runs, room, turns);
        expect(new Set(chosen).size).toBe(Math.min(room, runs.length));
        expect(runs).toEqual(expect.arrayContaining(chosen));
      }),
    );
  });

  it("goes by priority and age, but for one of eight", () => {
    fc.assert(
      fc.property(held, fc.nat(20), fc.nat(7), (runs, room, turns) => {
        const left = new Set(runs);
        let count = turns;
        for (const run of chooseRuns(runs, room, turns).chosen) {
          const top = Math.max(...[...left].map(({ priority }) => priority));
          const below = [...left].filter(({ priority }) => priority < top);
          const isDue = dueFromBelow(count, 1) > 0 && below.length > 0;
          const among = isDue ? below : [...left].filter(({ priority }) => priority === top);
          expect(Number(run.id)).toBe(Math.min(...among.map(({ id }) => Number(id))));
          left.delete(run);
          count = nextTurns(count, 1);
        }
      }),
    );
  });

  it("lets the lowest progress however many come above it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), (levels) => {
        let turns = 0;
        let id = 1_000;
        let waiting: HeldRun[] = [{ id: "1", priority: -100 }];
        let steps = 0;
        while (waiting.some((run) => run.id === "1")) {
          // Every level above is filled up anew before each choice.
          for (let priority = 1; priority <= levels; priority++) {
            id += 1;
            waiting.push({ id: String(id), priority });
          }
          const result = chooseRuns(waiting, 1, turns);
          turns = result.turns;
          waiting = waiting.filter((run) => !result.chosen.includes(run));
          steps += 1;
        }
        expect(steps).toBeLessThanOrEqual(SHARE);
      }),
    );
  });
});
