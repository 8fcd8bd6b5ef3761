/** How a heat map is drawn: all of it when the picture changes, else the cells that changed alone. */
import type { HeatLayout } from "./heat-layout.ts";

/** What a cell is drawn as. The glyph tells states apart without colour. */
export interface CellLook {
  /** Name of a CSS variable. */
  color: string;
  /** Filled, or its outline alone. */
  outline: boolean;
  glyph: "none" | "cross" | "dot" | "square" | "slash";
}

/** Everything that the picture depends on but the state of each cell. */
export interface HeatFrame {
  map: HeatLayout;
  looks: readonly CellLook[];
  /** Colours by the name of their CSS variable. */
  colorOf: (name: string) => string;
  monthName: (month: number) => string;
}

/** What a canvas shows: the frame, and the look of each cell. */
export interface Drawn {
  frame: HeatFrame;
  lookOf: readonly number[];
}

export type Pen = Pick<
  CanvasRenderingContext2D,
  | "arc"
  | "beginPath"
  | "clearRect"
  | "fill"
  | "fillRect"
  | "fillText"
  | "lineTo"
  | "moveTo"
  | "rect"
  | "roundRect"
  | "stroke"
> & { fillStyle: unknown; strokeStyle: unknown; lineWidth: number };

function drawGlyph(pen: Pen, glyph: CellLook["glyph"], x: number, y: number, size: number): void {
  const inset = Math.max(1, size * 0.28);
  const [low, high] = [inset, size - inset];
  pen.beginPath();
  if (glyph === "cross") {
    pen.moveTo(x + low, y + low);
    pen.lineTo(x + high, y + high);
    pen.moveTo(x + high, y + low);
    pen.lineTo(x + low, y + high);
    pen.stroke();
  } else if (glyph === "slash") {
    pen.moveTo(x + high, y + low);
    pen.lineTo(x + low, y + high);
    pen.stroke();
  } else if (glyph === "dot") {
    pen.arc(x + size / 2, y + size / 2, size * 0.2, 0, 2 * Math.PI);
    pen.fill();
  } else if (glyph === "square") {
    pen.fillRect(x + size * 0.3, y + size * 0.3, size * 0.4, size * 0.4);
  }
}

/** Room between two cells. */
export const gapOf = (pitch: number) => (pitch > 10 ? 2 : 1);

/**
 * Brings a canvas up to date. Its scale and the font of labels are set before.
 * @param before what it shows; null when it is empty
 * @returns the cells that were drawn
 */
export function drawMap(pen: Pen, before: Drawn | null, { frame, lookOf }: Drawn): number[] {
  const { map } = frame;
  const kept = before?.frame === frame && before.lookOf.length === lookOf.length ? before : null;
  const cells: number[] = [];
  lookOf.forEach((look, cell) => {
    if (kept === null || kept.lookOf[cell] !== look) cells.push(cell);
  });
  if (kept === null) {
    pen.clearRect(0, 0, map.width, map.height);
    drawLabels(pen, frame);
  } else {
    for (const cell of cells) {
      pen.clearRect(map.xs[cell] ?? 0, map.ys[cell] ?? 0, map.pitch, map.pitch);
    }
  }
  drawCells(pen, frame, lookOf, cells);
  return cells;
}

function drawLabels(pen: Pen, { map, colorOf, monthName }: HeatFrame): void {
  pen.fillStyle = colorOf("--faint");
  for (const { x, y, text, month } of map.labels) {
    pen.fillText(month === null ? text : monthName(month), x, y);
  }
}

/** One look after the other: changing colours is what costs. */
function drawCells(
  pen: Pen,
  { map, looks, colorOf }: HeatFrame,
  lookOf: readonly number[],
  cells: readonly number[],
): void {
  const size = map.pitch - gapOf(map.pitch);
  const radius = Math.min(2, size / 4);
  const onSolid = colorOf("--surface");
  pen.lineWidth = size > 9 ? 1.5 : 1.2;
  looks.forEach((look, n) => {
    const own = cells.filter((cell) => lookOf[cell] === n);
    if (own.length === 0) return;
    const color = colorOf(look.color);
    pen.fillStyle = color;
    pen.strokeStyle = color;
    pen.beginPath();
    for (const i of own) {
      const [x, y] = [map.xs[i] ?? 0, map.ys[i] ?? 0];
      if (look.outline) pen.rect(x + 0.75, y + 0.75, size - 1.5, size - 1.5);
      else pen.roundRect(x, y, size, size, radius);
    }
    if (look.outline) pen.stroke();
    else pen.fill();
    if (look.glyph === "none") return;
    if (!look.outline) {
      pen.fillStyle = onSolid;
      pen.strokeStyle = onSolid;
    }
    for (const i of own) drawGlyph(pen, look.glyph, map.xs[i] ?? 0, map.ys[i] ?? 0, size);
  });
}
