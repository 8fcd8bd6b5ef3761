import { describe, expect, it } from "vitest";
import { type CellLook, drawMap, type HeatFrame, type Pen } from "./heat-draw.ts";
import { layOut } from "./heat-layout.ts";

const DAY = 86_400_000;
const looks: CellLook[] = [
  { color: "--waiting", outline: true, glyph: "none" },
  { color: "--failed", outline: false, glyph: "cross" },
];

function frameOf(cells: number): HeatFrame {
  const starts = Array.from({ length: cells }, (_, i) => i * DAY);
  const ends = starts.map((start) => start + DAY);
  return {
    map: layOut(starts, ends, "UTC", 900),
    looks,
    colorOf: (name) => name,
    monthName: String,
  };
}

/** A pen that writes down where it clears and draws. */
function recorder() {
  const cleared: number[][] = [];
  const drawn: number[][] = [];
  const written: string[] = [];
  const nothing = () => {};
  const pen: Pen = {
    arc: nothing,
    beginPath: nothing,
    fill: nothing,
    lineTo: nothing,
    moveTo: nothing,
    stroke: nothing,
    fillRect: nothing,
    clearRect: (x, y, width, height) => cleared.push([x, y, width, height]),
    fillText: (text) => written.push(text),
    rect: (x, y) => drawn.push([x - 0.75, y - 0.75]),
    roundRect: (x, y) => drawn.push([x, y]),
    fillStyle: "",
    strokeStyle: "",
    lineWidth: 1,
  };
  return { pen, cleared, drawn, written };
}

describe("drawMap", () => {
  it("draws every cell and label of an empty canvas", () => {
    const frame = frameOf(400);
    const { pen, cleared, drawn, written } = recorder();
    const all = drawMap(pen, null, { frame, lookOf: new Array(400).fill(0) });
    expect(all).toHaveLength(400);
    expect(drawn).toHaveLength(400);
    expect(cleared).toEqual([[0, 0, frame.map.width, frame.map.height]]);
    expect(written).toContain("1970");
  });

  it("draws of ten thousand cells the two that changed, and touches no other", () => {
    const frame = frameOf(10_000);
    const before = { frame, lookOf: new Array<number>(10_000).fill(0) };
    const lookOf = before.lookOf.slice();
    lookOf[17] = 1;
    lookOf[9_999] = 1;
    const { pen, cleared, drawn, written } = recorder();
    expect(drawMap(pen, before, { frame, lookOf })).toEqual([17, 9_999]);
    const { xs, ys, pitch } = frame.map;
    const places = [17, 9_999].map((cell) => [xs[cell], ys[cell]]);
    expect(drawn).toEqual(places);
    expect(cleared).toEqual(places.map((place) => [...place, pitch, pitch]));
    expect(written).toEqual([]);
  });

  it("draws all anew when the frame is another, such as in another theme", () => {
    const before = { frame: frameOf(30), lookOf: new Array<number>(30).fill(0) };
    const { pen, drawn } = recorder();
    drawMap(pen, before, { ...before, frame: frameOf(30) });
    expect(drawn).toHaveLength(30);
  });
});
