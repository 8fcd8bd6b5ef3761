"use client";
import Link from "next/link";
import { useTranslations } from "next-intl";
import {
  type KeyboardEvent,
  type MouseEvent,
  type PointerEvent,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { useMedia } from "#components/ui/use-media.ts";
import { type CellLook, type Drawn, drawMap, gapOf, type HeatFrame } from "./heat-draw.ts";
import type { HeatLayout } from "./heat-layout.ts";

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

type Month = `${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12}`;

export interface HeatMapProps {
  /** Accessible name of the whole map. */
  label: string;
  /** Null until the width is known. */
  map: HeatLayout | null;
  looks: readonly CellLook[];
  /** Place of each cell's look in `looks`. */
  lookOf: readonly number[];
  /** What a cell is, in words: its interval and its state. */
  nameOf: (cell: number) => string;
  /** Where it leads; null when there is nothing to open. */
  hrefOf: (cell: number) => string | null;
  /** What cells lead to, or that they are sets of parameters: it changes what the hint says. */
  opens: "run" | "day" | "set";
  /** Opens a cell without leaving the page; its link is for a page of its own. */
  onOpen?: (cell: number) => void;
  /** The cell that is open. */
  marked?: number | null;
}

/**
 * All intervals at once, drawn on a canvas. One link follows the pointer and the arrow keys, so that
 * ten thousand cells cost one element, and a cell is opened like any link. What it stands on is read
 * out and shown in a line above.
 */
export function HeatMap({
  label,
  map,
  looks,
  lookOf,
  nameOf,
  hrefOf,
  opens,
  onOpen,
  marked = null,
}: HeatMapProps) {
  const t = useTranslations("backfills");
  const months = useTranslations("common.time.months");
  const canvas = useRef<HTMLCanvasElement>(null);
  const shown = useRef<Drawn | null>(null);
  const [cell, setCell] = useState<number | null>(null);
  const hint = useId();
  const theme = useTheme();
  const isTouch = useMedia("(pointer: coarse)");

  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme gives the variables their colours
  const frame = useMemo<HeatFrame | null>(() => {
    if (map === null) return null;
    let style: CSSStyleDeclaration | null = null;
    return {
      map,
      looks,
      colorOf: (name) => {
        style ??= getComputedStyle(document.documentElement);
        return style.getPropertyValue(name).trim();
      },
      monthName: (month) => months(String(month) as Month),
    };
  }, [map, looks, months, theme]);

  useEffect(() => {
    const element = canvas.current;
    const pen = element?.getContext("2d");
    if (frame === null || element === null || pen == null) return;
    if (shown.current?.frame !== frame) {
      const scale = window.devicePixelRatio || 1;
      element.width = Math.ceil(frame.map.width * scale);
      element.height = Math.ceil(frame.map.height * scale);
      pen.scale(scale, scale);
      pen.font = `11px ${getComputedStyle(element).fontFamily}`;
    }
    const next = { frame, lookOf };
    drawMap(pen, shown.current, next);
    shown.current = next;
  }, [frame, lookOf]);

  const here = map === null ? null : (cell ?? marked ?? map.order[0] ?? null);
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
  const onClick = (event: MouseEvent) => {
    if (href === null) event.preventDefault();
    if (onOpen === undefined || here === null || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    onOpen(here);
  };
  const name = here === null ? "" : nameOf(here);
  const size = (map?.pitch ?? 2) - gapOf(map?.pitch ?? 2);
  const placeOf = (one: number) => ({
    left: map?.xs[one],
    top: map?.ys[one],
    width: size,
    height: size,
  });
  return (
    <div className="grid gap-2">
      <p className="min-h-5 text-muted text-xs">
        <span aria-live="polite" data-heat-fact>
          {cell === null ? "" : name}
        </span>
        <span id={hint} className={cell === null ? "text-faint" : "sr-only"}>
          {t(isTouch ? `mapTouch.${opens}` : `mapHint.${opens}`)}
        </span>
      </p>
      {/* Where cells would become too small the map scrolls within its box. */}
      <div className="relative overflow-x-auto">
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
          {marked === null || map === null ? null : (
            <span
              aria-hidden
              className="pointer-events-none absolute rounded-sm outline-2 outline-accent outline-offset-1"
              style={placeOf(marked)}
            />
          )}
          {here === null ? null : (
            // One element for all cells, or the focus would be lost between those with and without a run.
            <Link
              href={href ?? ""}
              prefetch={false}
              aria-disabled={href === null}
              onClick={onClick}
              data-heat-cell={here}
              aria-label={name}
              aria-describedby={hint}
              className="absolute block rounded-sm outline-offset-1 hover:outline-2 hover:outline-text focus-visible:outline-2 focus-visible:outline-accent aria-disabled:cursor-default"
              style={placeOf(here)}
            />
          )}
        </div>
      </div>
    </div>
  );
}
