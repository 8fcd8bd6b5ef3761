/** Recorded workflow instances (WfFormat 1.5), as far as their shortest possible makespan goes. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const document = z.object({
  workflow: z.object({
    specification: z.object({
      tasks: z.array(z.object({ id: z.string(), parents: z.array(z.string()) })),
    }),
    execution: z.object({
      tasks: z.array(z.object({ id: z.string(), runtimeInSeconds: z.number().nonnegative() })),
    }),
  }),
});

/** By id, in the order of the file. */
type Graph = ReadonlyMap<string, { seconds: number; parents: readonly string[] }>;

export interface Instance {
  /** File name without its extension. */
  name: string;
  /** The file's text. */
  text: string;
  tasks: number;
  /** Recorded seconds along the longest path. */
  criticalPathS: number;
  /** Recorded seconds of all tasks together. */
  workS: number;
  graph: Graph;
}

/**
 * Reads every `.json` file of a folder.
 * @throws Error naming the file that is no recorded instance; Error when there is none
 */
export async function readInstances(folder: string): Promise<Instance[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".json")).sort();
  if (names.length === 0) throw new Error(`${folder} holds no recorded instance`);
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(folder, name), "utf8");
      try {
        return { name: name.slice(0, -".json".length), text, ...measureInstance(JSON.parse(text)) };
      } catch (cause) {
        throw new Error(`${name} is no recorded instance: ${String(cause)}`, { cause });
      }
    }),
  );
}

/** @throws ZodError for another format; Error for an unknown parent or a cycle */
export function measureInstance(value: unknown): Omit<Instance, "name" | "text"> {
  const { specification, execution } = document.parse(value).workflow;
  const seconds = new Map(execution.tasks.map((task) => [task.id, task.runtimeInSeconds]));
  const graph: Graph = new Map(
    specification.tasks.map(({ id, parents }) => [id, { seconds: seconds.get(id) ?? 0, parents }]),
  );
  const heads = headsOf(graph);
  return {
    tasks: graph.size,
    criticalPathS: Math.max(
      0,
      ...[...graph].map(([id, own]) => own.seconds + (heads.get(id) ?? 0)),
    ),
    workS: [...graph.values()].reduce((sum, own) => sum + own.seconds, 0),
    graph,
  };
}

/**
 * Seconds from the start until each task can begin if there were no limit on slots.
 * @throws Error for an unknown parent or a cycle
 */
function headsOf(graph: Graph): Map<string, number> {
  const children = childrenOf(graph);
  const open = new Map([...graph].map(([id, { parents }]) => [id, parents.length]));
  const heads = new Map([...graph.keys()].map((id) => [id, 0]));
  const order = [...graph.keys()].filter((id) => open.get(id) === 0);
  for (const id of order) {
    const end = (heads.get(id) ?? 0) + (graph.get(id)?.seconds ?? 0);
    for (const child of children.get(id) ?? []) {
      heads.set(child, Math.max(heads.get(child) ?? 0, end));
      const left = (open.get(child) ?? 0) - 1;
      open.set(child, left);
      if (left === 0) order.push(child);
    }
  }
  const stuck = [...graph.keys()].find((id) => (open.get(id) ?? 0) > 0);
  if (stuck !== undefined) throw new Error(`a cycle through or before ${stuck}`);
  return heads;
}

/** @throws Error for an unknown parent */
function childrenOf(graph: Graph): Map<string, string[]> {
  const children = new Map<string, string[]>([...graph.keys()].map((id) => [id, []]));
  for (const [id, { parents }] of graph) {
    for (const parent of parents) {
      const siblings = children.get(parent);
      if (siblings === undefined) throw new Error(`unknown task ${parent}`);
      siblings.push(id);
    }
  }
  return children;
}

/**
 * Seconds that no schedule on so many slots can beat. Whatever tasks one takes: the first of them can
 * begin no earlier than the least of their heads, together they take their work divided by the slots,
 * and after the last one the least of their tails is left. The longest of that for all tasks with
 * heads and tails beyond some values; never less than critical path and work / slots.
 */
export function leastMakespan({ graph }: Pick<Instance, "graph">, slots: number): number {
  const heads = headsOf(graph);
  const tails = headsOf(
    new Map(
      [...childrenOf(graph)].map(([id, children]) => [
        id,
        { seconds: graph.get(id)?.seconds ?? 0, parents: children },
      ]),
    ),
  );
  const tasks = [...graph].map(([id, { seconds }]) => ({
    seconds,
    head: heads.get(id) ?? 0,
    tail: tails.get(id) ?? 0,
  }));
  const byTail = tasks.toSorted((a, b) => b.tail - a.tail);
  let least = Math.max(0, ...tasks.map(({ head, seconds, tail }) => head + seconds + tail));
  for (const begin of new Set(heads.values())) {
    let work = 0;
    for (const { head, seconds, tail } of byTail) {
      if (head < begin) continue;
      work += seconds;
      least = Math.max(least, begin + work / slots + tail);
    }
  }
  return least;
}

/**
 * Seconds that an instance takes when nothing costs anything: whenever a slot is free, the task that
 * became ready first starts. Longer than critical path and work / slots wherever a long task begins late.
 */
export function listSchedule({ graph }: Pick<Instance, "graph">, slots: number): number {
  const children = childrenOf(graph);
  const open = new Map([...graph].map(([id, { parents }]) => [id, parents.length]));
  const ready = [...graph.keys()].filter((id) => open.get(id) === 0);
  const running: { id: string; end: number }[] = [];
  let now = 0;
  while (ready.length > 0 || running.length > 0) {
    for (const id of ready.splice(0, slots - running.length)) {
      running.push({ id, end: now + (graph.get(id)?.seconds ?? 0) });
    }
    running.sort((a, b) => b.end - a.end);
    const next = running.pop();
    if (next === undefined) break;
    now = next.end;
    for (const child of children.get(next.id) ?? []) {
      const left = (open.get(child) ?? 0) - 1;
      open.set(child, left);
      if (left === 0) ready.push(child);
    }
  }
  return now;
}
