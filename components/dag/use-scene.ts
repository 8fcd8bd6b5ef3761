"use client";
import { useEffect, useMemo, useState } from "react";
import type { GraphView } from "#server/core/flow/view.ts";
import type { Direction, Scene } from "./scene.ts";
import { sceneLater, sceneNow } from "./scene-client.ts";

/**
 * The drawing of a graph. Small graphs have theirs at once; for large ones it is null until the
 * first has been laid out, and the previous one stays while the next is in the making.
 */
export function useScene(
  graph: GraphView,
  direction: Direction,
  expanded: readonly string[],
): Scene | null {
  const request = useMemo(() => ({ direction, expanded }), [direction, expanded]);
  const ready = useMemo(() => sceneNow(graph, request), [graph, request]);
  const [late, setLate] = useState<{ graph: GraphView; scene: Scene } | null>(null);
  useEffect(() => {
    if (ready !== null) {
      setLate({ graph, scene: ready });
      return;
    }
    let current = true;
    void sceneLater(graph, request).then((scene) => {
      if (current) setLate({ graph, scene });
    });
    return () => {
      current = false;
    };
  }, [graph, request, ready]);
  if (ready !== null) return ready;
  return late !== null && late.graph.hash === graph.hash ? late.scene : null;
}
