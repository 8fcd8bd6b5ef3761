/** Lays out large graphs beside the page's own thread. One request at a time, answered in order. */
import { indexGraph } from "./graph-index.ts";
import { groupTasks } from "./grouping.ts";
import { buildIndexedScene } from "./scene.ts";
import type { SceneAnswer, SceneCall } from "./scene-client.ts";

/** The graph of the last request: expanding groups asks for the same graph again. */
let kept: {
  hash: string;
  index: ReturnType<typeof indexGraph>;
  groups: ReturnType<typeof groupTasks>;
} | null = null;

self.onmessage = ({ data }: MessageEvent<SceneCall>) => {
  if (data.graph !== null) {
    const index = indexGraph(data.graph);
    kept = { hash: data.graph.hash, index, groups: groupTasks(index) };
  }
  if (kept === null) throw new Error("The first request must carry a graph.");
  const scene = buildIndexedScene(kept.index, kept.groups, data.request);
  const answer: SceneAnswer = { id: data.id, scene };
  self.postMessage(answer);
};
