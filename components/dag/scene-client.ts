import type { GraphView } from "#server/core/flow/view.ts";
import { buildScene, type Scene, type SceneRequest } from "./scene.ts";

/** A request to the worker. `graph` is null when it is the one of the request before. */
export interface SceneCall {
  id: number;
  graph: GraphView | null;
  request: SceneRequest;
}

export interface SceneAnswer {
  id: number;
  scene: Scene;
}

/**
 * Graphs up to this size are laid out at once: it takes about 10 ms at 1,000 tasks, less than a worker
 * takes to start. Beyond, the worker keeps the page free (60 ms at 10,000 tasks, 240 ms all expanded).
 */
const AT_ONCE = 1_500;
/** Scenes kept by graph hash and request; going back and forth costs nothing. */
const KEPT_SCENES = 24;
const scenes = new Map<string, Scene>();

function keyOf(graph: GraphView, request: SceneRequest): string {
  return `${graph.hash} ${graph.tasks.length} ${request.direction} ${[...request.expanded].sort().join(" ")}`;
}

function keep(key: string, scene: Scene): Scene {
  scenes.delete(key);
  scenes.set(key, scene);
  for (const oldest of scenes.keys()) {
    if (scenes.size <= KEPT_SCENES) break;
    scenes.delete(oldest);
  }
  return scene;
}

/** The scene if it is known, or cheap enough to lay out at once; else null. */
export function sceneNow(graph: GraphView, request: SceneRequest): Scene | null {
  const key = keyOf(graph, request);
  const known = scenes.get(key);
  if (known) return known;
  return graph.tasks.length <= AT_ONCE ? keep(key, buildScene(graph, request)) : null;
}

let worker: Worker | null = null;
let workerHash: string | null = null;
let nextId = 1;
const waiting = new Map<
  number,
  { resolve: (scene: Scene) => void; reject: (error: Error) => void }
>();

function startWorker(): Worker {
  const started = new Worker(new URL("./scene-worker.ts", import.meta.url), { type: "module" });
  started.onmessage = ({ data }: MessageEvent<SceneAnswer>) => {
    waiting.get(data.id)?.resolve(data.scene);
    waiting.delete(data.id);
  };
  started.onerror = (event) => {
    // A worker that cannot start or broke is given up; the next request starts another.
    started.terminate();
    worker = null;
    workerHash = null;
    for (const { reject } of waiting.values()) reject(new Error(event.message || "worker failed"));
    waiting.clear();
  };
  return started;
}

/** Lays a graph out off the page's thread; on it when the browser will run no worker. */
export async function sceneLater(graph: GraphView, request: SceneRequest): Promise<Scene> {
  const key = keyOf(graph, request);
  try {
    const scene = await new Promise<Scene>((resolve, reject) => {
      worker ??= startWorker();
      const id = nextId++;
      waiting.set(id, { resolve, reject });
      const call: SceneCall = { id, graph: workerHash === graph.hash ? null : graph, request };
      workerHash = graph.hash;
      worker.postMessage(call);
    });
    return keep(key, scene);
  } catch {
    return keep(key, buildScene(graph, request));
  }
}
