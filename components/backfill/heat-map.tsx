"use client";
import Link from "next/link";
import { useTranslations } from "next-intl";
import {
  type KeyboardEvent,
  type PointerEvent,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { type HeatLayout, layOut } from "./heat-layout.ts";

/** What a cell is drawn as. The glyph tells states apart without colour. */
export interface CellLook {
  /** Name of a CSS variable. */
  color: string;
  /** Filled, or its outline alone. */
  outline: boolean;
  glyph: "none" | "cross" | "dot" | "square" | "slash" | "hollow";
}

/** Colours change with the theme of the system or of the page. */
function useTheme(): string {
  return useSyncExternalStore(
    (listener) => {
      const dark = window.matchMedia("(prefers-color-scheme: dark)");
      const observer = new MutationObserver(listener);
      observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
      dark.addEventListener("change", listener);
      return () => {
        observer.disconnect();
        dark.removeEventListener("change", listener);
      };
    },
    () =>
      `${document.documentElement.dataset.theme ?? ""}/${window.matchMedia("(prefers-color-scheme: dark)").matches}`,
    () => "",
  );
}

function drawGlyph(
  pen: CanvasRenderingContext2D,
  glyph: CellLook["glyph"],
  x: number,
  y: number,
  size: number,
): void {
  const inset = Math.max(2, size * 0.28);
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

function draw(
  canvas: HTMLCanvasElement,
  map: HeatLayout,
  looks: readonly CellLook[],
  lookOf: readonly number[],
  monthName: (month: number) => string,
): void {
  const pen = canvas.getContext("2d");
  if (pen === null) return;
  const scale = window.devicePixelRatio || 1;
  canvas.width = Math.ceil(map.width * scale);
  canvas.height = Math.ceil(map.height * scale);
  pen.scale(scale, scale);
  const style = getComputedStyle(canvas);
  const colorOf = (name: string) => style.getPropertyValue(name).trim();
  const gap = map.pitch > 10 ? 2 : 1;
  const size = map.pitch - gap;
  pen.font = `11px ${style.fontFamily}`;
  pen.fillStyle = colorOf("--faint");
  for (const { x, y, text, month } of map.labels) {
    pen.fillText(month === null ? text : monthName(month), x, y);
  }
  const onSolid = colorOf("--surface");
  pen.lineWidth = size > 9 ? 1.5 : 1.2;
  // One look after the other: changing colours is what costs.
  looks.forEach((look, n) => {
    const color = colorOf(look.color);
    pen.fillStyle = color;
    pen.strokeStyle = color;
    const cells: number[] = [];
    for (let i = 0; i < lookOf.length; i++) if (lookOf[i] === n) cells.push(i);
    pen.beginPath();
    for (const i of cells) {
      const [x, y] = [map.xs[i] ?? 0, map.ys[i] ?? 0];
      if (look.outline) pen.rect(x + 0.75, y + 0.75, size - 1.5, size - 1.5);
      else pen.roundRect(x, y, size, size, 2);
    }
    if (look.outline) pen.stroke();
    else pen.fill();
    if (look.glyph === "none" || look.glyph === "hollow") return;
    if (!look.outline) {
      pen.fillStyle = onSolid;
      pen.strokeStyle = onSolid;
    }
    for (const i of cells) drawGlyph(pen, look.glyph, map.xs[i] ?? 0, map.ys[i] ?? 0, size);
  });
}

/**
 * All intervals at once, drawn on a canvas. One link follows the pointer and the arrow keys, so that
 * ten thousand cells cost one element, and a cell is opened like any link. What it stands on is read
 * out and shown in a line above.
 * @param lookOf  place of each cell's look in `looks`
 * @param nameOf  what a cell is, in words: its interval and its state
 * @param hrefOf  where it leads; null when there is nothing to open
 */
export function HeatMap({
  label,
  starts,
  ends,
  zone,
  looks,
  lookOf,
  nameOf,
  hrefOf,
}: {
  label: string;
  starts: readonly number[] | null;
  ends: readonly number[] | null;
  zone: string;
  looks: readonly CellLook[];
  lookOf: readonly number[];
  nameOf: (cell: number) => string;
  hrefOf: (cell: number) => string | null;
}) {
  const t = useTranslations("backfills");
  const months = useTranslations("common.time.months");
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const [cell, setCell] = useState<number | null>(null);
  const hint = useId();
  const theme = useTheme();
  const total = lookOf.length;

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const observer = new ResizeObserver(([entry]) =>
      setWidth(Math.floor(entry?.contentRect.width ?? 0)),
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const map = useMemo(
    () => (width === 0 ? null : layOut(starts, ends, zone, width, total)),
    [starts, ends, zone, width, total],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme gives the variables their colours
  useEffect(() => {
    if (map === null || canvas.current === null) return;
    draw(canvas.current, map, looks, lookOf, (month) =>
      months(String(month) as `${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12}`),
    );
  }, [map, looks, lookOf, months, theme]);

  const here = map === null ? null : (cell ?? map.order[0] ?? null);
  const point = (event: PointerEvent<HTMLElement>) => {
    if (map === null) return;
    const rect = event.currentTarget.getBoundingClientRect();
    const found = map.at(event.clientX - rect.left, event.clientY - rect.top);
    if (found !== -1) setCell(found);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (map === null || here === null || event.ctrlKey || event.metaKey || event.altKey) return;
    const last = map.order.length - 1;
    const by = new Map<string, () => number>([
      ["ArrowRight", () => map.move(here, 1, 0)],
      ["ArrowLeft", () => map.move(here, -1, 0)],
      ["ArrowDown", () => map.move(here, 0, 1)],
      ["ArrowUp", () => map.move(here, 0, -1)],
      ["Home", () => map.order[0] ?? here],
      ["End", () => map.order[last] ?? here],
    ]).get(event.key);
    if (by === undefined) return;
    event.preventDefault();
    setCell(by());
  };
  const href = here === null ? null : hrefOf(here);
  const name = here === null ? "" : nameOf(here);
  const size = (map?.pitch ?? 2) - 1;
  return (
    <div className="grid gap-2">
      <p className="min-h-5 truncate text-muted text-xs">
        <span aria-live="polite" data-heat-fact>
          {cell === null ? "" : name}
        </span>
        <span id={hint} className={cell === null ? "text-faint" : "sr-only"}>
          {t("mapHint")}
        </span>
      </p>
      {/* Wide calendars scroll within their box. */}
      <div ref={box} className="relative min-h-16 overflow-x-auto">
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for controls of a form */}
        <div
          role="group"
          aria-label={label}
          onPointerMove={point}
          onPointerDown={point}
          onKeyDown={onKeyDown}
          className="relative"
          style={{ width: map?.width ?? 0, height: map?.height ?? 64 }}
        >
          <canvas
            ref={canvas}
            aria-hidden
            className="absolute inset-0"
            style={{ width: map?.width ?? 0, height: map?.height ?? 0 }}
          />
          {here === null ? null : (
            // One element for all cells, or the focus would be lost between those with and without a run.
            <Link
              href={href ?? ""}
              prefetch={false}
              aria-disabled={href === null}
              onClick={(event) => {
                if (href === null) event.preventDefault();
              }}
              data-heat-cell={here}
              aria-label={name}
              aria-describedby={hint}
              className="absolute block rounded-sm outline-offset-1 hover:outline-2 hover:outline-text focus-visible:outline-2 focus-visible:outline-accent aria-disabled:cursor-default"
              style={{ left: map?.xs[here], top: map?.ys[here], width: size, height: size }}
            />
          )}
        </div>
      </div>
    </div>
  );
}
