import { type RowState, rowStates } from "#server/core/backfill/states.ts";
import type { CellLook } from "./heat-map.tsx";

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
