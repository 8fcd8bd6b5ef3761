import type { Scene, SceneNode } from "./scene.ts";

/** Scene coordinates to screen: screen = scene · zoom + (x, y), in CSS pixels. */
export interface Viewport {
  x: number;
  y: number;
  zoom: number;
}

export interface Size {
  width: number;
  height: number;
}

export const MIN_ZOOM = 0.02;
export const MAX_ZOOM = 1.6;
/** Below this a drawing that is shrunk to fit can no longer be read; a part of it is shown instead. */
const READABLE_ZOOM = 0.55;
const PART_ZOOM = 0.8;
const PADDING = 28;
/** Below a drawing that is shown whole, so that the buttons there cover none of it. */
const BELOW = 48;
/** Boxes that may be in the DOM at a time; more are drawn on the overview canvas. */
export const DOM_BOXES = 96;

/** Shows the whole scene, never larger than life. */
export function fitViewport(scene: Scene, size: Size): Viewport {
  const zoom = Math.max(
    MIN_ZOOM,
    Math.min(
      1,
      (size.width - 2 * PADDING) / Math.max(1, scene.width),
      (size.height - PADDING - BELOW) / Math.max(1, scene.height),
    ),
  );
  return {
    x: (size.width - scene.width * zoom) / 2,
    // In the middle, unless that is where the buttons are.
    y: Math.min((size.height - scene.height * zoom) / 2, size.height - BELOW - scene.height * zoom),
    zoom,
  };
}

/**
 * How a scene is first shown: whole when it can be read then, otherwise the part around `focus` at a
 * readable size.
 */
export function openingViewport(scene: Scene, size: Size, focus: SceneNode | null): Viewport {
  const fit = fitViewport(scene, size);
  if (fit.zoom >= READABLE_ZOOM) return fit;
  const box = focus ?? scene.nodes[0];
  if (box === undefined) return fit;
  return centreOn(box, size, PART_ZOOM, scene);
}

/** Puts a box in the middle, without showing more emptiness beyond the scene's edge than needed. */
export function centreOn(
  box: { x: number; y: number; width: number; height: number },
  size: Size,
  zoom: number,
  scene: Scene,
): Viewport {
  return {
    x: along(size.width, (box.x + box.width / 2) * zoom, scene.width * zoom),
    y: along(size.height, (box.y + box.height / 2) * zoom, scene.height * zoom),
    zoom,
  };
}

function along(window: number, centre: number, whole: number): number {
  if (whole + 2 * PADDING <= window) return (window - whole) / 2;
  return Math.min(PADDING, Math.max(window - PADDING - whole, window / 2 - centre));
}

/** The nearest viewport that shows the whole box, or its beginning when it is larger than the window. */
export function reveal(
  box: { x: number; y: number; width: number; height: number },
  viewport: Viewport,
  size: Size,
): Viewport {
  const { zoom } = viewport;
  const shift = (start: number, length: number, window: number) => {
    const most = Math.max(PADDING, window - PADDING - length);
    return Math.min(most, Math.max(PADDING, start)) - start;
  };
  return {
    x: viewport.x + shift(box.x * zoom + viewport.x, box.width * zoom, size.width),
    y: viewport.y + shift(box.y * zoom + viewport.y, box.height * zoom, size.height),
    zoom,
  };
}

/** True when both show the same, to the pixel. */
export function isSameViewport(a: Viewport, b: Viewport): boolean {
  return Math.abs(a.x - b.x) < 1 && Math.abs(a.y - b.y) < 1 && Math.abs(a.zoom - b.zoom) < 0.001;
}

/** True when the box lies wholly in the window. */
export function isInView(box: SceneNode, viewport: Viewport, size: Size): boolean {
  const left = box.x * viewport.zoom + viewport.x;
  const top = box.y * viewport.zoom + viewport.y;
  return (
    left >= 0 &&
    top >= 0 &&
    left + box.width * viewport.zoom <= size.width &&
    top + box.height * viewport.zoom <= size.height
  );
}

/** True when more boxes are in the window than the DOM should hold. */
export function isOverview(scene: Scene, viewport: Viewport, size: Size): boolean {
  if (scene.nodes.length <= DOM_BOXES) return false;
  const left = -viewport.x / viewport.zoom;
  const top = -viewport.y / viewport.zoom;
  const right = left + size.width / viewport.zoom;
  const bottom = top + size.height / viewport.zoom;
  let count = 0;
  for (const { x, y, width, height } of scene.nodes) {
    if (x <= right && x + width >= left && y <= bottom && y + height >= top) count++;
    if (count > DOM_BOXES) return true;
  }
  return false;
}

export type ArrowKey = "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown";

/** The nearest box in the direction of an arrow key; sideways distance counts double. */
export function neighbour(scene: Scene, from: string, key: ArrowKey): SceneNode | null {
  const start = scene.nodes.find((node) => node.id === from);
  if (start === undefined) return scene.nodes[0] ?? null;
  const [sx, sy] = anchor(start);
  const horizontal = key === "ArrowLeft" || key === "ArrowRight";
  const sign = key === "ArrowRight" || key === "ArrowDown" ? 1 : -1;
  let best: SceneNode | null = null;
  let least = Infinity;
  for (const node of scene.nodes) {
    const [x, y] = anchor(node);
    const ahead = sign * (horizontal ? x - sx : y - sy);
    if (node === start || ahead <= 1) continue;
    const distance = ahead + 2 * Math.abs(horizontal ? y - sy : x - sx);
    if (distance < least) {
      least = distance;
      best = node;
    }
  }
  return best;
}

/** Where a box is for the arrow keys: its middle; of a frame its title. */
function anchor(node: SceneNode): [number, number] {
  return node.kind === "frame"
    ? [node.x + 80, node.y + 18]
    : [node.x + node.width / 2, node.y + node.height / 2];
}

/** The box at a point of the scene: a task before the frame that it lies on. */
export function boxAt(scene: Scene, x: number, y: number): SceneNode | null {
  let frame: SceneNode | null = null;
  for (const node of scene.nodes) {
    if (x < node.x || y < node.y || x > node.x + node.width || y > node.y + node.height) continue;
    if (node.kind !== "frame") return node;
    frame = node;
  }
  return frame;
}
