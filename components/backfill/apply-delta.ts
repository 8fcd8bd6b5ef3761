import type { BackfillCells, ChangedCells } from "#server/core/backfill/view.ts";

/** Cells with those that changed put in; the very same value when none did. */
export function applyDelta(
  cells: BackfillCells,
  version: string,
  changed: ChangedCells,
): BackfillCells {
  if (changed.ordinals.length === 0) return cells;
  const states = cells.states.slice();
  const runs = cells.runs.slice();
  changed.ordinals.forEach((ordinal, i) => {
    states[ordinal] = changed.states[i] ?? states[ordinal] ?? 0;
    runs[ordinal] = changed.runs[i] ?? null;
  });
  return { ...cells, version, states, runs };
}
