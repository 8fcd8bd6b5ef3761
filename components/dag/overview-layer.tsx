"use client";
import { useStoreApi } from "@xyflow/react";
import { useEffect, useRef } from "react";
import { useDag } from "./dag-context.tsx";
import { drawOverview } from "./draw-overview.ts";
import type { Scene } from "./scene.ts";
import { usePaint } from "./use-paint.ts";
import type { Size } from "./viewport.ts";

/** The whole scene on one canvas, following the viewport frame by frame without React. */
export function OverviewLayer({
  scene,
  size,
  names,
}: {
  scene: Scene;
  size: Size;
  names: ReadonlyMap<string, string>;
}) {
  const ref = useRef<HTMLCanvasElement>(null);
  const flow = useStoreApi();
  const { tasks, highlight } = useDag();
  const paint = usePaint();
  useEffect(() => {
    const canvas = ref.current;
    const context = canvas?.getContext("2d");
    if (!canvas || !context || paint === null) return;
    const ratio = window.devicePixelRatio;
    canvas.width = size.width * ratio;
    canvas.height = size.height * ratio;
    let frame = 0;
    const draw = () => {
      frame = 0;
      const [x, y, zoom] = flow.getState().transform;
      const view = { viewport: { x, y, zoom }, size, ratio };
      drawOverview(context, scene, names, tasks, highlight.get(), paint, view);
    };
    const schedule = () => {
      frame ||= requestAnimationFrame(draw);
    };
    draw();
    const leave = [
      flow.subscribe((state, before) => {
        if (state.transform !== before.transform) schedule();
      }),
      tasks.subscribeAny(schedule),
      highlight.subscribe(schedule),
    ];
    return () => {
      cancelAnimationFrame(frame);
      for (const stop of leave) stop();
    };
  }, [scene, size, names, tasks, highlight, flow, paint]);
  return (
    <canvas
      ref={ref}
      aria-hidden
      data-dag-overview
      className="pointer-events-none absolute inset-0 size-full"
    />
  );
}
