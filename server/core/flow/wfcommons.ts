import { parseJson } from "./json.ts";
import {
  describeNode,
  type LocatedDocument,
  type LocatedNode,
  type MapEntry,
  type MapNode,
  type ScalarNode,
  type Spot,
} from "./read/located.ts";
import { ProblemList } from "./read/problem-list.ts";
import { quote } from "./read/suggest.ts";
import { MAX_TASKS } from "./spec.ts";

/** Largest recorded workflow that is read. */
export const MAX_WFCOMMONS_BYTES = 16 * 1024 * 1024;

const MAX_FLOW_ID = 128;
const MAX_TASK_ID = 200;

/**
 * Turns a recorded workflow (WfFormat 1.5) into the definition of a flow with the same DAG: each
 * task becomes a `wait` as long as the task ran, times `scale`. A task that was not timed waits 0 ms.
 * Never throws: whatever is wrong with the text is in `problems`.
 * @param file  name of the recording; the flow's id is made of it
 * @param scale flow seconds per recorded second
 * Source: https://github.com/wfcommons/WfFormat
 */
export function parseWfcommons(text: string, file: string, scale: number): LocatedDocument {
  const json = parseJson(text, file, MAX_WFCOMMONS_BYTES);
  const importer = new Importer(json.locate, scale);
  const root =
    json.root !== null && json.problems.length === 0
      ? importer.flow(json.root, flowIdOf(file))
      : null;
  return {
    ...json,
    format: "wfcommons",
    root: importer.problems.isEmpty ? root : null,
    problems: [...json.problems, ...importer.problems.sorted()],
  };
}

/** A valid flow id that resembles the name of a file. */
export function flowIdOf(file: string): string {
  const name = file.split(/[/\\]/).at(-1) ?? "";
  const words = name
    .replace(/\.json$/i, "")
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, "-")
    .replace(/^[-_]+|[-_]+$/g, "");
  const id = /^[a-z]/.test(words) ? words : `wf-${words}`.replace(/-$/, "");
  return id.slice(0, MAX_FLOW_ID);
}

interface RecordedTask {
  at: Spot;
  recordedId: string;
  id: string;
  name: string | null;
  /** Tasks upstream, as recorded ids. */
  parents: { id: string; at: Spot }[];
  children: { id: string; at: Spot }[];
}

class Importer {
  readonly problems = new ProblemList();
  readonly #locate: LocatedDocument["locate"];
  readonly #scale: number;

  constructor(locate: LocatedDocument["locate"], scale: number) {
    this.#locate = locate;
    this.#scale = scale;
  }

  flow(root: LocatedNode, id: string): LocatedNode | null {
    const specification = this.#path(root, ["workflow", "specification"]);
    const list = specification && this.#entry(specification, "tasks", "list");
    if (list?.kind !== "list") return null;
    if (list.items.length > MAX_TASKS) {
      this.problems.add(
        "TOO_MANY_TASKS",
        this.#locate(list.at),
        `The recording has ${list.items.length} tasks; a flow has at most ${MAX_TASKS}.`,
        "Import a smaller instance of the workflow.",
      );
      return null;
    }
    const runtimes = this.#runtimes(root);
    const tasks = this.#tasks(list.items);
    const needs = this.#needs(tasks);
    const entries = tasks.map((task): [string, LocatedNode] => {
      const { at, name } = task;
      const own = needs.get(task.recordedId);
      const waitMs = Math.round((runtimes.get(task.recordedId) ?? 0) * 1_000 * this.#scale);
      const node = map(at, [
        ["type", scalar(at, "wait")],
        ["duration", scalar(at, `${waitMs}ms`)],
        ...(name === null ? [] : [["name", scalar(at, name)] as const]),
        ["needs", { kind: "list", at, items: [...(own?.values() ?? [])] }],
      ]);
      return [task.id, node];
    });
    const label = (key: string, to: string): [string, LocatedNode][] => {
      const node = root.kind === "map" ? root.entries.get(key)?.value : undefined;
      return node?.kind === "scalar" && typeof node.value === "string" && node.value.trim() !== ""
        ? [[to, scalar(node.at, node.value.trim().slice(0, 1_000))]]
        : [];
    };
    return map(root.at, [
      ["id", scalar(root.at, id)],
      ...label("name", "name"),
      ...label("description", "description"),
      ["tags", { kind: "list", at: root.at, items: [scalar(root.at, "wfcommons")] }],
      ["tasks", map(list.at, entries)],
    ]);
  }

  #path(root: LocatedNode, path: readonly string[]): MapNode | null {
    let node: LocatedNode | null = root;
    for (const key of path) node = node && this.#entry(node, key, "map");
    return node?.kind === "map" ? node : null;
  }

  /** The value of a key that a recording cannot be without. */
  #entry(node: LocatedNode, key: string, kind: LocatedNode["kind"]): LocatedNode | null {
    const value = node.kind === "map" ? node.entries.get(key)?.value : undefined;
    if (value?.kind === kind) return value;
    this.problems.add(
      value === undefined ? "MISSING_KEY" : "WRONG_TYPE",
      this.#locate(value?.at ?? node.at),
      value === undefined
        ? `This is no recorded workflow: "${key}" is missing.`
        : `"${key}" must be a ${kind}, but it is ${describeNode(value)}.`,
      "Export the workflow in WfFormat 1.5.",
    );
    return null;
  }

  /** Seconds by recorded id. The part of a recording that holds them is optional. */
  #runtimes(root: LocatedNode): Map<string, number> {
    const runtimes = new Map<string, number>();
    const workflow = root.kind === "map" ? root.entries.get("workflow")?.value : undefined;
    const execution =
      workflow?.kind === "map" ? workflow.entries.get("execution")?.value : undefined;
    if (execution === undefined) return runtimes;
    const tasks = this.#entry(execution, "tasks", "list");
    for (const item of tasks?.kind === "list" ? tasks.items : []) {
      const id = this.#entry(item, "id", "scalar");
      const runtime = item.kind === "map" ? item.entries.get("runtimeInSeconds")?.value : undefined;
      if (id?.kind !== "scalar" || runtime === undefined) continue;
      const seconds = runtime.kind === "scalar" ? runtime.value : null;
      if (typeof seconds === "number" && seconds >= 0) runtimes.set(String(id.value), seconds);
      else {
        this.problems.add(
          "INVALID_VALUE",
          this.#locate(runtime.at),
          "A task cannot have run for this long.",
          "Write the seconds as a number from 0.",
        );
      }
    }
    return runtimes;
  }

  #tasks(items: readonly LocatedNode[]): RecordedTask[] {
    const tasks: RecordedTask[] = [];
    const recordedIds = new Set<string>();
    const uniqueId = idFinder();
    for (const item of items) {
      const id = this.#entry(item, "id", "scalar");
      if (id?.kind !== "scalar" || item.kind !== "map") continue;
      const recordedId = String(id.value);
      if (recordedIds.has(recordedId)) {
        this.problems.add(
          "DUPLICATE_TASK",
          this.#locate(id.at),
          `Two tasks are called ${quote(recordedId)}.`,
          "Give each task an id of its own.",
        );
        continue;
      }
      recordedIds.add(recordedId);
      const own = uniqueId(recordedId);
      const name = item.entries.get("name")?.value;
      const words = name?.kind === "scalar" && typeof name.value === "string" ? name.value : null;
      const label = own === recordedId ? words : (words ?? recordedId);
      tasks.push({
        at: id.at,
        recordedId,
        id: own,
        name: label === own ? null : label,
        parents: references(item, "parents"),
        children: references(item, "children"),
      });
    }
    return tasks;
  }

  /** For each recorded id, what it needs: an edge may be told by either of its ends. */
  #needs(tasks: readonly RecordedTask[]): Map<string, Map<string, ScalarNode>> {
    const byRecordedId = new Map(tasks.map((task) => [task.recordedId, task]));
    const needs = new Map(tasks.map((task) => [task.recordedId, new Map<string, ScalarNode>()]));
    for (const task of tasks) {
      for (const { id, at } of task.parents) {
        const parent = this.#known(byRecordedId, id, at);
        if (parent) needs.get(task.recordedId)?.set(parent.id, scalar(at, parent.id));
      }
      for (const { id, at } of task.children) {
        const child = this.#known(byRecordedId, id, at);
        const own = child && needs.get(child.recordedId);
        if (own && !own.has(task.id)) own.set(task.id, scalar(at, task.id));
      }
    }
    return needs;
  }

  #known(tasks: ReadonlyMap<string, RecordedTask>, id: string, at: Spot): RecordedTask | null {
    const task = tasks.get(id);
    if (task !== undefined) return task;
    this.problems.add(
      "UNKNOWN_TASK",
      this.#locate(at),
      `There is no task ${quote(id)} in the recording.`,
      "Export the workflow anew, with all of its tasks.",
    );
    return null;
  }
}

function references(task: MapNode, key: string): { id: string; at: Spot }[] {
  const list = task.entries.get(key)?.value;
  if (list?.kind !== "list") return [];
  return list.items.flatMap((item) =>
    item.kind === "scalar" ? { id: String(item.value), at: item.at } : [],
  );
}

/** Finds for each recorded id the nearest task id that is still free: often the same. */
function idFinder(): (recordedId: string) => string {
  const taken = new Set<string>();
  const lastNumbers = new Map<string, number>();
  return (recordedId) => {
    const cleaned = recordedId.replace(/[^A-Za-z0-9_.-]+/g, "_").replace(/^[.-]+/, "");
    const base = (cleaned === "" ? "task" : cleaned).slice(0, MAX_TASK_ID);
    let id = base;
    let number = lastNumbers.get(base) ?? 1;
    while (taken.has(id)) {
      number += 1;
      const suffix = `_${number}`;
      id = `${base.slice(0, MAX_TASK_ID - suffix.length)}${suffix}`;
    }
    lastNumbers.set(base, number);
    taken.add(id);
    return id;
  };
}

function scalar(at: Spot, value: string): ScalarNode {
  return { kind: "scalar", at, value, source: value, untyped: false };
}

function map(at: Spot, entries: readonly (readonly [string, LocatedNode])[]): MapNode {
  const toEntry = ([key, value]: readonly [string, LocatedNode]): [string, MapEntry] => [
    key,
    { key, at: value.at, value },
  ];
  return { kind: "map", at, entries: new Map(entries.map(toEntry)), repeated: [] };
}
