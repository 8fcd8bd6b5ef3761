/**
 * What authors of TypeScript flows import: `import { flow } from "idem"`.
 *
 *   export default flow({
 *     id: "greet",
 *     params: { name: { type: "string", default: "world" } },
 *     tasks: {
 *       compose: { run: (ctx) => ({ text: `Hello, ${ctx.params.name}` }) },
 *       say: { needs: ["compose"], type: "shell", run: "echo '{{ tasks.compose.output.text }}'" },
 *     },
 *   });
 *
 * Everything but the functions means the same as in YAML. This module becomes part of every bundle,
 * so a change of what it does at run time changes the hash of every TypeScript flow.
 */
import type { Json, WriteMode } from "#server/core/flow/spec.ts";
import { flowMark, type Sites, sitesMark } from "./marks.ts";
import type { Params, TaskContext, TaskFunction } from "./protocol.ts";

export type { Json, Params, TaskContext, TaskFunction };

/**
 * JSON Schema 2020-12 of one parameter. `required: false` allows leaving it out: every run has a
 * value for each parameter, and null for one that was left out.
 */
export interface ParamSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly Json[];
  readonly default?: Json;
  readonly required?: boolean;
  readonly [keyword: string]: unknown;
}

type Typed<S> = S extends { readonly enum: readonly (infer E)[] }
  ? E
  : S extends { readonly type: "string" }
    ? string
    : S extends { readonly type: "integer" | "number" }
      ? number
      : S extends { readonly type: "boolean" }
        ? boolean
        : Json;

type Optional<S> = S extends { readonly default: unknown }
  ? false
  : S extends { readonly required: false }
    ? true
    : false;

/** The values that a set of parameter schemas lets through. */
export type ParamValues<P> = {
  readonly [K in keyof P]: Optional<P[K]> extends true ? Typed<P[K]> | null : Typed<P[K]>;
};

/** −100 to 100, or a word: low is −50, normal 0, high 50. */
export type Priority = number | "low" | "normal" | "high";

/** Keys that every task understands. Durations are texts like `500ms`, `10s`, `5m`, `1h30m`. */
export interface TaskOptions {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly needs?: readonly string[] | undefined;
  /** `success()`, `failure()`, `always()` or an expression over params and outputs. */
  readonly if?: string | undefined;
  /** A list, or an expression such as `tasks.list.output`: one task run for each item or batch. */
  readonly for_each?: string | readonly Json[] | undefined;
  /** Items in one task run. */
  readonly batch?: number | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly timeout?: string | undefined;
  readonly retry?: RetryOptions | undefined;
  readonly pool?: string | undefined;
  /** Label that a runner must have to take the task. */
  readonly runs_on?: string | undefined;
  /** Higher first; the flow's by default. */
  readonly priority?: Priority | undefined;
  readonly writes?: WritesOptions | undefined;
}

export interface RetryOptions {
  /** Counts the first try. */
  readonly attempts: number;
  readonly delay?: string;
  readonly factor?: number;
  readonly cap?: string;
  /** Only these failures are tried again; without it, all are. */
  readonly retry_on?: readonly RetriedFailure[];
  /** After these no retry follows, whatever `retry_on` says. */
  readonly give_up_on?: readonly Exclude<RetriedFailure, "failed">[];
  /** No retry starts later than this after the start of the first attempt. */
  readonly give_up_after?: string;
}

/** `exit:75`, `exit:64-78`, `http:503`, `http:500-599`, `http:5xx`. */
export type RetriedFailure = "failed" | "timed_out" | `exit:${string}` | `http:${string}`;

export interface WritesOptions {
  readonly mode: WriteMode;
  readonly dataset?: string;
  readonly partition?: string;
  readonly staged?: boolean;
}

/** A task that calls a function of the flow's own code. */
export interface FunctionTask<P = Params> extends TaskOptions {
  readonly type?: "function" | undefined;
  readonly run: TaskFunction<P>;
}

/** Tasks that a definition in YAML or XML could hold as well. */
export type DeclaredTask = TaskOptions &
  (
    | { readonly type: "noop" }
    | { readonly type: "wait"; readonly duration: string }
    | { readonly type: "wait_until"; readonly time: string }
    | ({ readonly type: "wait_for"; readonly every?: string } & (
        | { readonly file: string }
        | { readonly url: string; readonly expect?: readonly (number | string)[] }
        | {
            readonly flow: string;
            readonly interval?: { readonly start: string; readonly end: string };
          }
      ))
    | {
        readonly type: "flow";
        /** Id of the flow to run. */
        readonly flow: string;
        readonly params?: Readonly<Record<string, Json>>;
        readonly interval?: { readonly start: string; readonly end: string };
      }
    | { readonly type: "shell"; readonly run: string }
    | {
        readonly type: "script";
        readonly language: "bash" | "python" | "node";
        readonly code: string;
      }
    | {
        readonly type: "http";
        readonly url: string;
        readonly method?: string;
        readonly headers?: Readonly<Record<string, string>>;
        readonly body?: unknown;
        readonly expect?: unknown;
        readonly max_bytes?: number;
      }
  );

export interface FlowOptions<P> {
  readonly id: string;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly owner?: string | undefined;
  readonly params?: P;
  readonly schedule?: unknown;
  /** Most active runs of the flow; those beyond it wait for their turn. */
  readonly concurrency?: number | undefined;
  /** Of all tasks that do not say otherwise; higher first. */
  readonly priority?: Priority | undefined;
  readonly defaults?:
    | Pick<TaskOptions, "timeout" | "retry" | "env" | "pool" | "runs_on">
    | undefined;
  readonly notify?: readonly { readonly on: readonly string[]; readonly to: string }[] | undefined;
  /** Globs below the folder of this file; what they match lies in each attempt's working folder. */
  readonly files?: readonly string[] | undefined;
  readonly tasks: Readonly<Record<string, FunctionTask<ParamValues<P>> | DeclaredTask>>;
}

/** What a flow's module exports by default. */
export interface Flow {
  readonly [flowMark]: object;
}

/** Tells the compiler, when it listens, from which line a definition came. */
function noteSite(of: object): void {
  const sites = (globalThis as { [sitesMark]?: Sites })[sitesMark];
  sites?.set(of, new Error().stack ?? "");
}

/** Defines a flow. Parameters are typed by their schemas within the functions of its tasks. */
export function flow<const P extends Readonly<Record<string, ParamSchema>>>(
  definition: FlowOptions<P>,
): Flow {
  noteSite(definition);
  return { [flowMark]: definition };
}

/**
 * Defines a task outside of a flow, to share or to test it. Say which parameters it expects:
 * `task<{ station: string }>({ run: (ctx) => ctx.params.station })`.
 */
export function task<P = Params>(definition: FunctionTask<P>): FunctionTask<P>;
export function task(definition: DeclaredTask): DeclaredTask;
export function task(definition: object): object {
  noteSite(definition);
  return definition;
}
