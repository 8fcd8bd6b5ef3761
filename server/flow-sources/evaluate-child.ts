/**
 * Program of the child process that reads the definition out of a bundle: `node <this> <bundle>`.
 * Runs the author's code, so that no other process has to. Answers one Evaluation on descriptor 3.
 */
import { writeSync } from "node:fs";
import { type Sites, sitesMark } from "#sdk/marks.ts";
import { loadDefinition } from "#sdk/protocol.ts";
import type { Json } from "#server/core/flow/spec.ts";
import type { BundlePlace, Evaluation } from "./evaluation.ts";

const ANSWER = 3;
/** Values in one definition; what has more is refused before it fills the memory. */
const MAX_VALUES = 1_000_000;
const MAX_FAULTS = 50;

type Faults = { path: string[]; is: string }[];

/** Copies a value as JSON and notes what JSON cannot hold. */
class Copy {
  readonly faults: Faults = [];
  readonly #open = new Set<object>();
  /** Keys and positions that lead to the value at hand. */
  readonly #path: string[] = [];
  #values = 0;

  of(value: unknown): Json {
    this.#values += 1;
    if (this.#values > MAX_VALUES) {
      throw new Error(`The definition holds more than ${MAX_VALUES} values.`);
    }
    if (value === null || typeof value === "string" || typeof value === "boolean") return value;
    if (typeof value === "number" && Number.isFinite(value)) return value;
    if (typeof value !== "object") return this.#fault(nameOf(value));
    if (this.#open.has(value)) return this.#fault("an object that contains itself");
    this.#open.add(value);
    const copy = Array.isArray(value) ? this.#list(value) : this.#map(value);
    this.#open.delete(value);
    return copy;
  }

  #list(value: readonly unknown[]): Json {
    return Array.from(value, (item, index) => this.#below(String(index), () => this.of(item)));
  }

  #map(value: object): Json {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== null && prototype !== Object.prototype) {
      const name = (value.constructor as { name?: unknown } | undefined)?.name;
      return this.#fault(`an object of the class ${typeof name === "string" ? name : "?"}`);
    }
    const isTasks = this.#path.length === 1 && this.#path[0] === "tasks";
    const entries: [string, Json][] = [];
    for (const [key, child] of Object.entries(value)) {
      if (child === undefined) continue;
      const copy = () => (isTasks ? this.#task(key, child) : this.of(child));
      entries.push([key, this.#below(key, copy)]);
    }
    return Object.fromEntries(entries);
  }

  #below(step: string, copy: () => Json): Json {
    this.#path.push(step);
    const made = copy();
    this.#path.pop();
    return made;
  }

  /** A task with a function of its own calls it by the task's id. */
  #task(id: string, value: unknown): Json {
    const task = value as { type?: unknown; run?: unknown } | null;
    const isFunction =
      typeof task === "object" &&
      typeof task?.run === "function" &&
      (task.type === undefined || task.type === "function");
    if (task?.type === "function" && !isFunction) {
      return this.#fault("a function task without a function under run");
    }
    if (!isFunction) return this.of(value);
    const { run: _, ...rest } = task;
    return this.of({ ...rest, type: "function", handler: id });
  }

  #fault(is: string): null {
    if (this.faults.length < MAX_FAULTS) this.faults.push({ path: [...this.#path], is });
    return null;
  }
}

function nameOf(value: unknown): string {
  if (value === undefined) return "undefined";
  if (typeof value === "function") return "a function";
  return typeof value === "number" ? String(value) : `a ${typeof value}`;
}

/** The first place of a stack trace that lies in the bundle. @param skip frames of the SDK */
function placeOf(stack: string | undefined, bundle: string, skip: number): BundlePlace | null {
  const frames = (stack ?? "").split("\n").filter((line) => line.includes(bundle));
  const match = /:(\d+):(\d+)\)?$/.exec(frames[skip] ?? "");
  return match === null ? null : { line: Number(match[1]), column: Number(match[2]) };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return `The definition threw ${String(error)}.`;
  if ((error as NodeJS.ErrnoException).code === "ERR_ACCESS_DENIED") {
    return "A definition may not read files or start programs while it is read.";
  }
  const [line = ""] = error.message.split("\n");
  const name = error.name === "Error" ? "" : `${error.name}: `;
  return `${name}${line}${/[.!?]$/.test(line) ? "" : "."}`;
}

async function evaluate(bundle: string): Promise<Evaluation> {
  const sites: Sites = new Map();
  (globalThis as { [sitesMark]?: Sites })[sitesMark] = sites;
  // noteSite, and flow or task: the frames between the trace and the author's call.
  const siteOf = (of: unknown) =>
    placeOf(typeof of === "object" && of !== null ? sites.get(of) : undefined, bundle, 2);
  try {
    const definition = await loadDefinition(bundle);
    const copy = new Copy();
    const value = copy.of(definition);
    const tasks: Record<string, BundlePlace> = {};
    for (const [id, task] of Object.entries(definition.tasks ?? {})) {
      const place = siteOf(task);
      if (place !== null) tasks[id] = place;
    }
    return {
      ok: true,
      definition: value,
      faults: copy.faults,
      sites: { flow: siteOf(definition), tasks },
    };
  } catch (error) {
    return {
      ok: false,
      message: reasonOf(error),
      place: placeOf(error instanceof Error ? error.stack : undefined, bundle, 0),
    };
  }
}

function answer(evaluation: Evaluation): void {
  const bytes = Buffer.from(JSON.stringify(evaluation));
  for (let at = 0; at < bytes.length; ) at += writeSync(ANSWER, bytes, at);
}

answer(await evaluate(process.argv[2] ?? ""));
// What the author's code left running (timers, servers) is of no interest.
process.exit(0);
