/**
 * What a bundle is and how it is used. A bundle is one ES module, stored with the revision, whose
 * default export is what `flow()` returned. Two programs load it: the compiler, in a child process,
 * to read the definition; and a runner's warm worker, to call the functions of its tasks.
 *
 * A worker does, per attempt:
 *   const handlers = await loadBundle("/…/<sha256>.mjs");      // once per revision
 *   const handler = handlers.get(handlerName);                 // `with.handler` of the task
 *   const output = await handler(taskContext(input, { signal, log }));
 * `undefined` counts as null; anything else must be JSON (`asOutput` checks it).
 */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type { Json } from "#server/core/flow/spec.ts";
import { flowMark } from "./marks.ts";

export type Params = Readonly<Record<string, Json>>;

/** What a task's function is given. Everything in it is equal in an identical rerun but the last five. */
export interface TaskContext<P = Params> {
  /** The run's parameters, defaults included. */
  readonly params: P;
  /** The span of data the run covers, `[start, end)`: ISO 8601 in UTC; null when it has none. */
  readonly interval: { readonly start: string; readonly end: string } | null;
  readonly run: { readonly identity: string };
  /** Id of this task. */
  readonly task: string;
  /** The task's own `env`, rendered. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * What a task upstream of this one returned; null when it returned nothing.
   * @throws Error when no task of that id has ended upstream of this one
   */
  output<T = Json>(task: string): T;
  /** Where tasks keep data between runs (`$IDEM_DATA`). */
  readonly dataDir: string;
  /** This attempt's own folder, holding the flow's files; removed afterwards. */
  readonly workdir: string;
  /** With `for_each` and no `batch`: the item that this call works on. */
  readonly item?: Json;
  /** With `for_each` and `batch`: the items that this call works on. */
  readonly items?: readonly Json[];
  /** With `for_each`: the place of the item or batch, from 0. */
  readonly index?: number;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Aborted when the task is cancelled or runs out of time. */
  readonly signal: AbortSignal;
  /** Writes one line to the task's log. So does `console.log`. */
  log(message: string): void;
}

export type TaskFunction<P = Params> = (context: TaskContext<P>) => unknown;

/** The part of a context that travels to a worker. JSON. */
export interface TaskInput {
  params: Params;
  interval: { start: string; end: string } | null;
  identity: string;
  task: string;
  attempt: number;
  env: Record<string, string>;
  workdir: string;
  dataDir: string;
  /** Outputs of the succeeded tasks upstream. */
  outputs: Record<string, Json>;
  item?: Json;
  items?: Json[];
  index?: number;
}

/** The part of a context that only the worker itself can provide. */
export interface TaskPorts {
  signal: AbortSignal;
  log(message: string): void;
}

export function taskContext(input: TaskInput, { signal, log }: TaskPorts): TaskContext {
  const { identity, outputs, ...rest } = input;
  return {
    ...rest,
    run: { identity },
    output<T>(task: string): T {
      if (!Object.hasOwn(outputs, task)) {
        throw new Error(
          `There is no output of "${task}": name it in needs, directly or indirectly.`,
        );
      }
      return outputs[task] as T;
    },
    signal,
    log,
  };
}

/**
 * Loads a bundle and finds the functions of its tasks.
 * @param path absolute, ending in `.mjs` so that Node takes it for an ES module. Node keeps a module
 *             per path for good: name files by their content.
 * @returns by task id
 * @throws Error when the module does not export a flow; whatever the author's own code throws
 */
export async function loadBundle(path: string): Promise<Map<string, TaskFunction>> {
  const definition = await loadDefinition(path);
  const handlers = new Map<string, TaskFunction>();
  for (const [id, task] of Object.entries(definition.tasks ?? {})) {
    const run = (task as { run?: unknown } | null)?.run;
    if (typeof run === "function") handlers.set(id, run.bind(task) as TaskFunction);
  }
  return handlers;
}

/** The object that the author handed to `flow()`. */
export async function loadDefinition(path: string): Promise<{ tasks?: Record<string, unknown> }> {
  // CommonJS packages inside a bundle ask for Node's own modules through a global `require`.
  (globalThis as { require?: unknown }).require ??= createRequire(path);
  const module: { default?: { [flowMark]?: object } | null } = await import(
    pathToFileURL(path).href
  );
  const definition = module.default?.[flowMark];
  if (typeof definition !== "object" || definition === null) {
    throw new Error("The file does not `export default flow({ … })`.");
  }
  // An async function would wait for it on the way, now and then, and nobody would know.
  if ("then" in definition) {
    throw new Error("The definition is a promise: await it before it is handed to flow().");
  }
  return definition;
}

/**
 * A function's result as it is stored.
 * @throws TypeError when JSON cannot hold it
 */
export function asOutput(result: unknown): Json {
  if (result === undefined) return null;
  const text = JSON.stringify(result);
  if (text === undefined) throw new TypeError("The task returned a value that JSON cannot hold.");
  return JSON.parse(text) as Json;
}
