"use client";
import { createContext, type ReactNode, type RefObject, useContext, useRef } from "react";

type Layer = RefObject<HTMLDivElement | null>;

const LayerContext = createContext<Layer | null>(null);

/** Lets menus and lists of choices below it appear in the `LayerSlot` below it. */
export function LayerProvider({ children }: { children: ReactNode }) {
  const slot = useRef<HTMLDivElement>(null);
  return <LayerContext value={slot}>{children}</LayerContext>;
}

/**
 * Where they appear: inside the page's main landmark, so that people who move by landmarks find them.
 */
export function LayerSlot() {
  return <div ref={useContext(LayerContext)} />;
}

/** Inside a dialog popups belong beside the dialog, above it, not in the page below. */
export function DialogLayer({ children }: { children: ReactNode }) {
  return <LayerContext value={null}>{children}</LayerContext>;
}

/** Properties for a portal: where its popup goes. */
export function useLayer(): { container?: Layer } {
  const slot = useContext(LayerContext);
  return slot === null ? {} : { container: slot };
}
