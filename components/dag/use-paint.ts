"use client";
import { useEffect, useState } from "react";
import { type Paint, paintOf } from "./draw-overview.ts";

/** Colours for canvas drawing; read anew when the theme changes. Null before the page is alive. */
export function usePaint(): Paint | null {
  const [paint, setPaint] = useState<Paint | null>(null);
  useEffect(() => {
    const read = () => setPaint(paintOf(document.documentElement));
    read();
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", read);
    const observer = new MutationObserver(read);
    observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => {
      dark.removeEventListener("change", read);
      observer.disconnect();
    };
  }, []);
  return paint;
}
