"use client";
import { useReactFlow } from "@xyflow/react";
import { Maximize, Minus, Plus } from "lucide-react";
import { useTranslations } from "next-intl";
import { Button } from "#components/ui/button.tsx";
import type { Scene } from "./scene.ts";
import { fitViewport, MAX_ZOOM, MIN_ZOOM, type Size, type Viewport } from "./viewport.ts";

const STEP = 1.4;

/** Larger, smaller, everything. */
export function ZoomButtons({
  scene,
  size,
  move,
}: {
  scene: Scene;
  size: Size;
  move: (viewport: Viewport, animated: boolean) => void;
}) {
  const t = useTranslations("dag");
  const flow = useReactFlow();
  const zoomBy = (factor: number) => {
    const { x, y, zoom } = flow.getViewport();
    const next = Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, zoom * factor));
    const [middleX, middleY] = [size.width / 2, size.height / 2];
    const scale = next / zoom;
    move(
      { x: middleX - (middleX - x) * scale, y: middleY - (middleY - y) * scale, zoom: next },
      true,
    );
  };
  const buttons = [
    { label: t("zoomIn"), icon: <Plus aria-hidden />, run: () => zoomBy(STEP) },
    { label: t("zoomOut"), icon: <Minus aria-hidden />, run: () => zoomBy(1 / STEP) },
    {
      label: t("fit"),
      icon: <Maximize aria-hidden />,
      run: () => move(fitViewport(scene, size), true),
    },
  ];
  return (
    <div className="pointer-events-auto flex rounded-md border border-line-strong bg-surface">
      {buttons.map(({ label, icon, run }) => (
        <Button
          key={label}
          variant="ghost"
          size="icon-sm"
          aria-label={label}
          title={label}
          onClick={run}
          className="[&_svg]:size-3.5"
        >
          {icon}
        </Button>
      ))}
    </div>
  );
}
