"use client";
import { useReactFlow, useStoreApi } from "@xyflow/react";
import { type PointerEvent, useEffect, useRef } from "react";
import { useDag } from "./dag-context.tsx";
import { boxToken } from "./draw-overview.ts";
import type { Scene } from "./scene.ts";
import { usePaint } from "./use-paint.ts";
import type { Size } from "./viewport.ts";

const WIDTH = 168;
const HEIGHT = 104;
const PADDING = 6;

const within = (start: number, length: number, room: number): [number, number] => [
  Math.max(1, start),
  Math.min(room - 1, start + length),
];

/** Where in the scene the window is. A pointer's shortcut: the keyboard has search and arrows. */
export function Minimap({ scene, size }: { scene: Scene; size: Size }) {
  const ref = useRef<HTMLCanvasElement>(null);
  const store = useStoreApi();
  const flow = useReactFlow();
  const { tasks } = useDag();
  const paint = usePaint();
  const scale = Math.min(
    (WIDTH - 2 * PADDING) / Math.max(1, scene.width),
    (HEIGHT - 2 * PADDING) / Math.max(1, scene.height),
  );
  const left = (WIDTH - scene.width * scale) / 2;
  const top = (HEIGHT - scene.height * scale) / 2;

  useEffect(() => {
    const canvas = ref.current;
    const context = canvas?.getContext("2d");
    if (!canvas || !context || paint === null) return;
    const ratio = window.devicePixelRatio;
    canvas.width = WIDTH * ratio;
    canvas.height = HEIGHT * ratio;
    let frame = 0;
    const draw = () => {
      frame = 0;
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, WIDTH, HEIGHT);
      for (const node of scene.nodes) {
        if (node.kind === "frame") continue;
        context.fillStyle = paint.color(boxToken(node, tasks));
        context.fillRect(
          left + node.x * scale,
          top + node.y * scale,
          Math.max(1.5, node.width * scale),
          Math.max(1.5, node.height * scale),
        );
      }
      const [x, y, zoom] = store.getState().transform;
      context.strokeStyle = paint.color("accent");
      context.lineWidth = 1.5;
      // The window may reach beyond the scene; its outline stays on the map.
      const [x1, x2] = within(left - (x / zoom) * scale, (size.width / zoom) * scale, WIDTH);
      const [y1, y2] = within(top - (y / zoom) * scale, (size.height / zoom) * scale, HEIGHT);
      context.strokeRect(x1, y1, x2 - x1, y2 - y1);
    };
    const schedule = () => {
      frame ||= requestAnimationFrame(draw);
    };
    draw();
    const leave = [
      store.subscribe((state, before) => {
        if (state.transform !== before.transform) schedule();
      }),
      tasks.subscribeAny(schedule),
    ];
    return () => {
      cancelAnimationFrame(frame);
      for (const stop of leave) stop();
    };
  }, [scene, size, tasks, store, paint, scale, left, top]);

  const go = (event: PointerEvent<HTMLCanvasElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const x = (event.clientX - box.left - left) / scale;
    const y = (event.clientY - box.top - top) / scale;
    void flow.setCenter(x, y, { zoom: flow.getZoom() });
  };
  return (
    <canvas
      ref={ref}
      aria-hidden
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        go(event);
      }}
      onPointerMove={(event) => {
        if (event.buttons === 1) go(event);
      }}
      className="nopan nowheel h-[104px] w-[168px] touch-none rounded-md border bg-surface/90"
    />
  );
}
