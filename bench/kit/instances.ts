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
  /** By id, in the order of the file. */
  graph: ReadonlyMap<string, { seconds: number; parents: readonly string[] }>;
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
  const parents = new Map(specification.tasks.map((task) => [task.id, task.parents]));
  // Ends of tasks if there were no limit on slots; null while a task is being looked at.
  const ends = new Map<string, number | null>();
  for (const root of parents.keys()) {
    const stack = [root];
    for (let id = stack.at(-1); id !== undefined; id = stack.at(-1)) {
      const needs = parents.get(id);
      if (needs === undefined) throw new Error(`unknown task ${id}`);
      if (typeof ends.get(id) === "number") {
        stack.pop();
        continue;
      }
      const open = needs.filter((need) => typeof ends.get(need) !== "number");
      if (open.length > 0) {
        if (ends.get(id) === null) throw new Error(`a cycle through ${id}`);
        ends.set(id, null);
        stack.push(...open);
      } else {
        const begin = Math.max(0, ...needs.map((need) => ends.get(need) ?? 0));
        ends.set(id, begin + (seconds.get(id) ?? 0));
        stack.pop();
      }
    }
  }
  return {
    tasks: parents.size,
    criticalPathS: Math.max(0, ...[...ends.values()].map((end) => end ?? 0)),
    workS: [...parents.keys()].reduce((sum, id) => sum + (seconds.get(id) ?? 0), 0),
    graph: new Map(
      [...parents].map(([id, needs]) => [id, { seconds: seconds.get(id) ?? 0, parents: needs }]),
    ),
  };
}

/**
 * Seconds that an instance takes when nothing costs anything: whenever a slot is free, the task that
 * became ready first starts. Longer than critical path and work / slots wherever a long task begins late.
 */
export function listSchedule({ graph }: Pick<Instance, "graph">, slots: number): number {
  const children = new Map<string, string[]>([...graph.keys()].map((id) => [id, []]));
  for (const [id, { parents }] of graph) for (const need of parents) children.get(need)?.push(id);
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
