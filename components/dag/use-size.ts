"use client";
import { type RefCallback, useCallback, useState } from "react";
import type { Size } from "./viewport.ts";

/** The inner size of an element in CSS pixels, or null before it is known. */
export function useSize(): [RefCallback<Element>, Size | null] {
  const [size, setSize] = useState<Size | null>(null);
  const ref = useCallback((element: Element | null) => {
    if (element === null) return;
    const observer = new ResizeObserver(([entry]) => {
      const box = entry?.contentRect;
      if (!box || box.width === 0 || box.height === 0) return;
      setSize((before) =>
        before?.width === box.width && before.height === box.height
          ? before
          : { width: box.width, height: box.height },
      );
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, size];
}
