"use client";
import { ReactFlow, useReactFlow, useStore } from "@xyflow/react";
import { useTranslations } from "next-intl";
import {
  type KeyboardEvent,
  type MouseEvent,
  type Ref,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { cn } from "#components/ui/cn.ts";
import { useDag } from "./dag-context.tsx";
import { DagEdge } from "./dag-edge.tsx";
import { flowEdges, flowNodes, type TaskFacts } from "./flow-elements.ts";
import type { DagFlowEdge, DagFlowNode } from "./flow-types.ts";
import { FrameNode, GroupNode } from "./group-node.tsx";
import { Minimap } from "./minimap.tsx";
import { OverviewLayer } from "./overview-layer.tsx";
import type { Scene, SceneNode } from "./scene.ts";
import { TaskNode } from "./task-node.tsx";
import {
  type ArrowKey,
  boxAt,
  centreOn,
  isInView,
  isOverview,
  isSameViewport,
  MAX_ZOOM,
  MIN_ZOOM,
  neighbour,
  openingViewport,
  reveal,
  type Size,
  type Viewport,
} from "./viewport.ts";
import { ZoomButtons } from "./zoom-buttons.tsx";

// At module scope: new objects would make React Flow draw every box anew.
const nodeTypes = { task: TaskNode, tasks: GroupNode, frame: FrameNode };
const edgeTypes = { needs: DagEdge };
const noNodes: DagFlowNode[] = [];
const noEdges: DagFlowEdge[] = [];
const READABLE = 0.8;
const MANY_EDGES = 120;

export interface DagViewHandle {
  /** Puts a box in the middle at a readable size and, on request, moves the focus there. */
  centre: (box: string, focus: boolean) => void;
  /** Keeps a box where it is on screen through the next change of the scene. */
  hold: (box: string) => void;
}

const arrows: ReadonlySet<string> = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]);

/** One scene on screen: boxes in the DOM while few are in view, otherwise all on a canvas. */
export function DagView({
  scene,
  size,
  facts,
  direct,
  opening,
  cursor,
  onCursor,
  onClear,
  ref,
}: {
  scene: Scene;
  size: Size;
  facts: TaskFacts;
  /** See `directEdges`. */
  direct: readonly { source: string; target: string }[];
  /** The box to show first when the whole does not fit. */
  opening: string | null;
  cursor: string | null;
  onCursor: (box: string) => void;
  /** A click on nothing. */
  onClear: () => void;
  ref: Ref<DagViewHandle>;
}) {
  const t = useTranslations("dag");
  const { select, toggleGroup } = useDag();
  const flow = useReactFlow();
  const host = useRef<HTMLDivElement>(null);
  const held = useRef<{ box: string; x: number; y: number } | null>(null);
  const [first] = useState(() => openingViewport(scene, size, find(scene, opening)));
  /** What the view was last fitted to, and how: until somebody moves it, it follows the size. */
  const fitted = useRef({ scene, size, viewport: first });

  const overview = useStore(({ transform: [x, y, zoom] }) =>
    isOverview(scene, { x, y, zoom }, size),
  );
  const partial = useStore(
    ({ transform: [x, y, zoom] }) =>
      x < -1 ||
      y < -1 ||
      x + scene.width * zoom > size.width + 1 ||
      y + scene.height * zoom > size.height + 1,
  );
  const nodes = useMemo(() => flowNodes(scene, facts), [scene, facts]);
  const edges = useMemo(() => flowEdges(scene, direct), [scene, direct]);
  const names = useMemo(() => new Map([...facts].map(([id, { name }]) => [id, name])), [facts]);

  const move = (viewport: Viewport, animated: boolean) => {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    void flow.setViewport(viewport, animated && !calm ? { duration: 180 } : {});
  };

  const focusBox = (id: string, tries = 12) => {
    const element = host.current?.querySelector(`[data-dag-box="${CSS.escape(id)}"]`);
    // A box that comes into view is in the DOM a few frames later.
    if (element instanceof HTMLElement) element.focus({ preventScroll: true });
    else if (tries > 0) requestAnimationFrame(() => focusBox(id, tries - 1));
  };

  const centre = (id: string, focus: boolean) => {
    const box = find(scene, id);
    if (box === null) return;
    move(centreOn(box, size, Math.max(READABLE, flow.getZoom()), scene), !focus);
    if (focus) {
      onCursor(id);
      focusBox(id);
    }
  };

  useImperativeHandle(ref, () => ({
    centre,
    hold(id) {
      const box = find(scene, id);
      const { x, y, zoom } = flow.getViewport();
      if (box !== null) held.current = { box: id, x: box.x * zoom + x, y: box.y * zoom + y };
    },
  }));

  useLayoutEffect(() => {
    const before = fitted.current;
    const isSameScene = before.scene === scene;
    if (isSameScene && before.size === size) return;
    fitted.current = { ...before, scene, size };
    if (isSameScene && !isSameViewport(flow.getViewport(), before.viewport)) return;
    const anchor = held.current;
    held.current = null;
    const box = anchor === null ? null : find(scene, anchor.box);
    if (anchor !== null && box !== null) {
      const zoom = flow.getZoom();
      const same = { x: anchor.x - box.x * zoom, y: anchor.y - box.y * zoom, zoom };
      void flow.setViewport(reveal(box, same, size));
    } else {
      const viewport = openingViewport(scene, size, find(scene, opening));
      fitted.current = { scene, size, viewport };
      void flow.setViewport(viewport);
    }
  }, [scene, size, opening, flow]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (!arrows.has(event.key)) return;
    event.preventDefault();
    const next = cursor === null ? scene.nodes[0] : neighbour(scene, cursor, event.key as ArrowKey);
    if (!next) return;
    if (overview || !isInView(next, flow.getViewport(), size)) {
      move(centreOn(next, size, Math.max(READABLE, flow.getZoom()), scene), false);
    }
    onCursor(next.id);
    focusBox(next.id);
  };

  const onPaneClick = (event: MouseEvent) => {
    if (!overview) {
      onClear();
      return;
    }
    const { x, y } = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    const box = boxAt(scene, x, y);
    if (box === null) onClear();
    else if (box.kind === "task") {
      select(box.id);
      move(centreOn(box, size, READABLE, scene), true);
    } else if (box.kind === "group") toggleGroup(box.id);
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrow keys move between the buttons inside
    <div
      ref={host}
      onKeyDown={onKeyDown}
      className={cn("size-full", scene.edges.length > MANY_EDGES && "dag-dense")}
      {...(overview ? { tabIndex: 0, role: "group", "aria-label": t("overview") } : {})}
    >
      <ReactFlow
        nodes={overview ? noNodes : nodes}
        edges={overview ? noEdges : edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        defaultViewport={first}
        minZoom={MIN_ZOOM}
        maxZoom={MAX_ZOOM}
        onlyRenderVisibleElements
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        elevateNodesOnSelect={false}
        selectNodesOnDrag={false}
        disableKeyboardA11y
        deleteKeyCode={null}
        selectionKeyCode={null}
        multiSelectionKeyCode={null}
        zoomOnDoubleClick={false}
        panOnScroll
        onPaneClick={onPaneClick}
        attributionPosition="top-right"
      >
        {overview ? <OverviewLayer scene={scene} size={size} names={names} /> : null}
      </ReactFlow>
      <div className="pointer-events-none absolute inset-x-2 bottom-2 z-10 flex items-end justify-between gap-2">
        <ZoomButtons scene={scene} size={size} move={move} />
        {partial && size.width >= 480 ? (
          <div className="pointer-events-auto">
            <Minimap scene={scene} size={size} />
          </div>
        ) : null}
      </div>
    </div>
  );
}

function find(scene: Scene, id: string | null): SceneNode | null {
  return id === null ? null : (scene.nodes.find((node) => node.id === id) ?? null);
}
