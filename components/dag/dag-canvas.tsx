"use client";
import "./dag.css";
import { ReactFlowProvider } from "@xyflow/react";
import { List, Route, Workflow } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useEffectEvent, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useShortcut } from "#components/shell/shortcuts.tsx";
import { Button } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import { Skeleton } from "#components/ui/skeleton.tsx";
import type { GraphView } from "#server/core/flow/view.ts";
import type { TaskRunView } from "#server/core/run/view.ts";
import { criticalPath } from "./critical-path.ts";
import { DagProvider, type DagShared } from "./dag-context.tsx";
import { DagView, type DagViewHandle } from "./dag-view.tsx";
import { indexGraph } from "./graph-index.ts";
import { UNGROUPED_LIMIT } from "./grouping.ts";
import { directEdges, highlightOf } from "./highlight.ts";
import type { Direction, Scene } from "./scene.ts";
import { sceneNow } from "./scene-client.ts";
import { TaskList } from "./task-list.tsx";
import { TaskSearch } from "./task-search.tsx";
import { TaskStore } from "./task-store.ts";
import { useScene } from "./use-scene.ts";
import { useSize } from "./use-size.ts";
import { HighlightStore } from "./view-flags.ts";
import { fitViewport, type Size } from "./viewport.ts";

/** Below this width layers go from top to bottom. */
const NARROW = 480;
/** A drawing that fits at this zoom needs no other direction. */
const CLEAR_ZOOM = 0.85;
const DOWN_GAIN = 1.25;
const none: readonly never[] = [];

/**
 * A DAG, live when task runs are given. Large graphs open grouped. The drawing follows the graph's
 * hash: states may change at any rate without laying anything out again.
 * @param tasks an unchanged task run must be the same object as before; only others are drawn anew
 * @param now   server time of `tasks`, ISO 8601
 */
export function DagCanvas({
  graph,
  tasks,
  now,
  selected = null,
  onSelect,
  className,
}: {
  graph: GraphView;
  tasks?: readonly TaskRunView[] | undefined;
  now?: string | undefined;
  selected?: string | null | undefined;
  onSelect?: ((task: string) => void) | undefined;
  className?: string;
}) {
  const t = useTranslations("dag");
  const [host, size] = useSize();
  const [asList, setAsList] = useState(false);
  const [critical, setCritical] = useState(false);
  const [expanded, setExpanded] = useState<readonly string[]>(none);
  const [cursor, setCursor] = useState<string | null>(null);
  const [lineage, setLineage] = useState(false);
  const view = useRef<DagViewHandle>(null);
  const wanted = useRef<string | null>(null);
  const search = useRef<HTMLInputElement>(null);

  const direction = useDirection(graph, size);
  const scene = useScene(graph, direction, expanded);
  const index = useMemo(() => indexGraph(graph), [graph]);
  const facts = useMemo(
    () => new Map(graph.tasks.map(({ id, name, type }) => [id, { name: name ?? id, type }])),
    [graph],
  );
  const searchable = useMemo(
    () => graph.tasks.map(({ id, name }) => ({ id, name: name ?? id })),
    [graph],
  );

  const select = useEffectEvent((task: string) => {
    setLineage(true);
    setCursor(task);
    onSelect?.(task);
  });
  const toggleGroup = useEffectEvent((group: string) => {
    view.current?.hold(group);
    setCursor(group);
    setExpanded((open) =>
      open.includes(group) ? open.filter((other) => other !== group) : [...open, group],
    );
  });
  const [shared] = useState<DagShared>(() => ({
    tasks: new TaskStore(),
    highlight: new HighlightStore(),
    select: (task) => select(task),
    toggleGroup: (group) => toggleGroup(group),
  }));

  useLayoutEffect(() => {
    if (now !== undefined) shared.tasks.setNow(now, performance.now());
    shared.tasks.update(tasks ?? none);
  }, [shared, tasks, now]);

  useLayoutEffect(() => {
    if (scene === null) return undefined;
    const show = () => {
      const clock = shared.tasks.now(performance.now());
      shared.highlight.set(
        highlightOf(index, scene, {
          selected,
          lineage,
          path: critical ? criticalPath(index, shared.tasks.all(), clock) : null,
          cursor: cursor ?? selected ?? scene.nodes[0]?.id ?? null,
        }),
      );
    };
    show();
    return critical ? shared.tasks.subscribeAny(show) : undefined;
  }, [shared, index, scene, selected, lineage, critical, cursor]);

  const direct = useMemo(
    () =>
      scene === null || selected === null || !lineage ? none : directEdges(index, scene, selected),
    [index, scene, selected, lineage],
  );

  // A task found by search may have been inside of a group that is being expanded.
  useEffect(() => {
    const id = wanted.current;
    if (id === null || !scene?.nodes.some((node) => node.id === id)) return;
    wanted.current = null;
    view.current?.centre(id, true);
  }, [scene]);

  const pick = (id: string) => {
    if (onSelect !== undefined) select(id);
    else setLineage(true);
    if (scene?.nodes.some((node) => node.id === id)) {
      view.current?.centre(id, true);
      return;
    }
    const group = scene?.groups.find(({ members }) => members.includes(id));
    if (group === undefined) return;
    wanted.current = id;
    setExpanded((open) => [...open, group.id]);
  };

  useShortcut({
    keys: "t",
    label: t("search"),
    run: () => search.current?.focus(),
    enabled: !asList,
  });

  return (
    <DagProvider value={shared}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: Escape works from anywhere inside */}
      <div
        className={cn("dag flex min-h-0 flex-col", className)}
        onKeyDown={(event) => {
          if (event.key === "Escape") setLineage(false);
        }}
      >
        <div className="flex items-center gap-1 border-b px-2 py-1.5">
          <TaskSearch
            tasks={searchable}
            onPick={pick}
            inputRef={search}
            className="mr-auto min-w-0 max-w-56 flex-1"
          />
          {tasks === undefined ? null : (
            <Button
              variant="ghost"
              size="sm"
              aria-pressed={critical}
              onClick={() => setCritical(!critical)}
              className="px-2 aria-pressed:bg-fill-strong aria-pressed:text-text"
            >
              <Route aria-hidden className="size-3.5!" />
              {t("critical")}
            </Button>
          )}
          <Button
            variant="ghost"
            size="sm"
            aria-pressed={asList}
            onClick={() => setAsList(!asList)}
            className="px-2"
          >
            {asList ? (
              <Workflow aria-hidden className="size-3.5!" />
            ) : (
              <List aria-hidden className="size-3.5!" />
            )}
            {asList ? t("asGraph") : t("asList")}
          </Button>
        </div>
        {asList ? (
          <TaskList
            graph={graph}
            tasks={tasks}
            now={now}
            selected={selected}
            onSelect={(task) => onSelect?.(task)}
            className="flex-1"
          />
        ) : (
          <section
            ref={host}
            aria-label={t("graph", { count: graph.tasks.length })}
            className="relative min-h-0 flex-1 overflow-hidden"
          >
            {scene === null || size === null ? (
              <Skeleton className="absolute top-1/2 left-1/2 h-12 w-52 -translate-x-1/2 rounded-md" />
            ) : (
              <ReactFlowProvider key={direction}>
                <DagView
                  ref={view}
                  scene={scene}
                  size={size}
                  facts={facts}
                  direct={direct}
                  opening={boxOf(scene, selected)}
                  cursor={cursor ?? selected}
                  onCursor={setCursor}
                  onClear={() => setLineage(false)}
                />
              </ReactFlowProvider>
            )}
          </section>
        )}
      </div>
    </DagProvider>
  );
}

/**
 * From left to right, as people read; from top to bottom on narrow screens and where a small graph is
 * shown clearly larger that way.
 */
function useDirection(graph: GraphView, size: Size | null): Direction {
  return useMemo(() => {
    if (size === null) return "right";
    if (size.width < NARROW) return "down";
    if (graph.tasks.length > UNGROUPED_LIMIT) return "right";
    const right = sceneNow(graph, { direction: "right", expanded: none });
    if (right === null || fitViewport(right, size).zoom > CLEAR_ZOOM) return "right";
    const down = sceneNow(graph, { direction: "down", expanded: none });
    const gain = down === null ? 0 : fitViewport(down, size).zoom / fitViewport(right, size).zoom;
    return gain > DOWN_GAIN ? "down" : "right";
  }, [graph, size]);
}

/** The box that shows a task: its own, or that of the group it is in. */
function boxOf(scene: Scene, task: string | null): string | null {
  if (task === null) return null;
  const box = scene.nodes.find(
    (node) => node.id === task || (node.kind === "group" && node.members.includes(task)),
  );
  return box?.id ?? null;
}
