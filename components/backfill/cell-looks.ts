import { type RowState, rowStates } from "#server/core/backfill/states.ts";
import type { CellLook } from "./heat-draw.ts";

/** How each state of a row is drawn: colour, and a glyph for whoever cannot tell colours apart. */
export const rowCellLook: Readonly<Record<RowState, CellLook>> = {
  waiting: { color: "--neutral-solid", outline: true, glyph: "none" },
  running: { color: "--running-solid", outline: false, glyph: "dot" },
  succeeded: { color: "--success-solid", outline: false, glyph: "none" },
  failed: { color: "--failed-solid", outline: false, glyph: "cross" },
  cancelled: { color: "--dark-solid", outline: false, glyph: "square" },
  skipped: { color: "--neutral-solid", outline: true, glyph: "slash" },
};

/** In the order of `rowStates`, whose places cells hold. */
export const rowCellLooks: readonly CellLook[] = rowStates.map((state) => rowCellLook[state]);

/** What a cell shows that stands for several rows: the first of these that one of them is in. */
const ranked: readonly RowState[] = [
  "failed",
  "running",
  "cancelled",
  "waiting",
  "succeeded",
  "skipped",
];
export const rowCellRanks: readonly number[] = ranked.map((state) => rowStates.indexOf(state));
