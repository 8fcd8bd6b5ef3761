import { expect, it } from "vitest";
import type { BackfillCells } from "#server/core/backfill/view.ts";
import { applyDelta } from "./apply-delta.ts";

const cells: BackfillCells = {
  id: "1",
  version: "3",
  total: 3,
  starts: null,
  ends: null,
  states: [0, 0, 0],
  decisions: [0, 0, 1],
  runs: [null, null, null],
};

it("puts in what changed and leaves the rest, without touching what is shown", () => {
  const next = applyDelta(cells, "4", { ordinals: [1], states: [2], runs: ["17"] });
  expect(next.states).toEqual([0, 2, 0]);
  expect(next.runs).toEqual([null, "17", null]);
  expect(next.version).toBe("4");
  expect(cells.states).toEqual([0, 0, 0]);
});

it("keeps the same value when no cell changed, so that nothing is drawn anew", () => {
  expect(applyDelta(cells, "9", { ordinals: [], states: [], runs: [] })).toBe(cells);
});
