import { statusLook } from "#components/status/status-look.ts";
import { edgePath } from "./edge-path.ts";
import { leadingState } from "./roll-up.ts";
import type { Scene, SceneNode } from "./scene.ts";
import type { TaskStore } from "./task-store.ts";
import { boxFlags, CRITICAL, DIMMED, edgeFlags, type Highlight, SELECTED } from "./view-flags.ts";
import type { Size, Viewport } from "./viewport.ts";

/** Zoom from which names fit into the boxes. */
const NAMES_ZOOM = 0.3;

export interface Paint {
  /** Value of a design token, such as `line-strong`. */
  color: (token: string) => string;
  font: string;
}

/** Reads design tokens from the page, once each. */
export function paintOf(root: Element): Paint {
  const style = getComputedStyle(root);
  const known = new Map<string, string>();
  return {
    color(token) {
      const value = known.get(token) ?? style.getPropertyValue(`--${token}`).trim();
      known.set(token, value);
      return value;
    },
    font: getComputedStyle(document.body).fontFamily,
  };
}

/** Token of a box's fill, by its state or its group's most pressing one. */
export function boxToken(node: SceneNode, tasks: TaskStore): string {
  const state =
    node.kind === "task"
      ? (tasks.get(node.id)?.state ?? null)
      : leadingState(tasks.rollUp(node.members));
  return state === null ? "neutral-solid" : `${statusLook[state].tone}-solid`;
}

/** Draws edges and boxes as plain shapes, for more of them than the DOM should hold. */
export function drawOverview(
  context: CanvasRenderingContext2D,
  scene: Scene,
  names: ReadonlyMap<string, string>,
  tasks: TaskStore,
  highlight: Highlight,
  paint: Paint,
  { viewport, size, ratio }: { viewport: Viewport; size: Size; ratio: number },
): void {
  const { x: dx, y: dy, zoom } = viewport;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, size.width * ratio, size.height * ratio);
  context.setTransform(zoom * ratio, 0, 0, zoom * ratio, dx * ratio, dy * ratio);

  const { plain, strong } = edgePaths(scene, highlight);
  context.lineWidth = 1 / zoom;
  context.globalAlpha = highlight.kept === null ? 1 : 0.3;
  context.strokeStyle = paint.color("line-strong");
  context.stroke(plain);
  context.globalAlpha = 1;
  context.lineWidth = 1.5 / zoom;
  context.strokeStyle = paint.color("muted");
  context.stroke(strong);

  const left = -dx / zoom;
  const top = -dy / zoom;
  const right = left + size.width / zoom;
  const bottom = top + size.height / zoom;
  const fontSize = Math.min(24, 11 / zoom);
  context.font = `500 ${fontSize}px ${paint.font}`;
  context.textBaseline = "middle";
  for (const node of scene.nodes) {
    const { x, y, width, height } = node;
    if (x > right || x + width < left || y > bottom || y + height < top) continue;
    const flags = boxFlags(node.id, highlight);
    context.globalAlpha = (flags & DIMMED) !== 0 ? 0.25 : 1;
    if (node.kind === "frame") {
      context.fillStyle = paint.color("fill");
      context.fillRect(x, y, width, height);
      continue;
    }
    const named = zoom >= NAMES_ZOOM;
    const token = boxToken(node, tasks);
    context.fillStyle = paint.color(named ? token.replace("-solid", "-soft") : token);
    context.beginPath();
    context.roundRect(x, y, width, height, 6);
    context.fill();
    if (named) {
      context.lineWidth = 1 / zoom;
      context.strokeStyle = paint.color(token);
      context.stroke();
      context.fillStyle = paint.color("text");
      const name = node.kind === "task" ? (names.get(node.id) ?? node.id) : (node.label ?? "");
      const letters = Math.floor((width - 20) / (fontSize * 0.58));
      context.fillText(shorten(name, letters), x + 10, y + height / 2, width - 16);
    }
    if ((flags & (SELECTED | CRITICAL)) !== 0) {
      context.lineWidth = 2.5 / zoom;
      context.strokeStyle = paint.color((flags & SELECTED) !== 0 ? "accent" : "text");
      context.stroke();
    }
  }
  context.globalAlpha = 1;
}

const shorten = (name: string, letters: number) =>
  name.length > letters ? `${name.slice(0, Math.max(1, letters - 1))}…` : name;

const whole = new WeakMap<Scene, Path2D>();
const split = new WeakMap<Highlight, { scene: Scene; plain: Path2D; strong: Path2D }>();

/** Paths of the edges, kept per scene and highlight: building them costs more than stroking them. */
function edgePaths(scene: Scene, highlight: Highlight): { plain: Path2D; strong: Path2D } {
  const right = scene.direction === "right";
  if (highlight.kept === null && highlight.criticalEdges.size === 0) {
    let path = whole.get(scene);
    if (!path) {
      path = new Path2D(scene.edges.map((edge) => edgePath(edge.points, right)).join(""));
      whole.set(scene, path);
    }
    return { plain: path, strong: new Path2D() };
  }
  const known = split.get(highlight);
  if (known?.scene === scene) return known;
  const plain: string[] = [];
  const strong: string[] = [];
  for (const edge of scene.edges) {
    const flags = edgeFlags(edge.source, edge.target, highlight);
    const bright = (flags & CRITICAL) !== 0 || (highlight.kept !== null && (flags & DIMMED) === 0);
    (bright ? strong : plain).push(edgePath(edge.points, right));
  }
  const paths = { scene, plain: new Path2D(plain.join("")), strong: new Path2D(strong.join("")) };
  split.set(highlight, paths);
  return paths;
}
