/**
 * The canonical form of a flow. YAML, XML and TypeScript definitions all compile to this value;
 * nothing later knows the source. Durations are whole milliseconds here, strings in sources.
 * A key is absent (not null) when the author did not set it and it has no default.
 */
import type { Position } from "../errors.ts";
import type { Range } from "./ranges.ts";

export const SPEC_VERSION = 1;
export const MAX_TASKS = 10_000;
/** Most task runs that one task is spread over. */
export const MAX_TASK_RUNS = 10_000;

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** JSON Schema 2020-12 of one parameter, as written by the author. */
export type ParamSchema = { [keyword: string]: Json };

export type WriteMode = "none" | "replace" | "replace_partition" | "merge" | "append" | "external";

export interface Writes {
  mode: WriteMode;
  /** Template. */
  dataset?: string;
  /** Template. */
  partition?: string;
  /** True when an append goes through a staging table in one transaction; such an append is safe. */
  staged?: boolean;
}

/**
 * The failures that a rule of a retry policy means. `failed` is every failure but a timeout, so
 * that the codes are absent beside it.
 */
export interface FailureMatch {
  failed?: true;
  timedOut?: true;
  /** Exit codes of programs. */
  exit?: Range[];
  /** Status codes of HTTP answers. */
  http?: Range[];
}

export interface RetryPolicy {
  /** Total number of tries, the first included. 1 means no retry. */
  attempts: number;
  delayMs: number;
  factor: number;
  capMs: number;
  /** Only these failures are tried again; absent: all. */
  retryOn?: FailureMatch;
  /** After these failures no retry follows, whatever `retryOn` says. */
  giveUpOn?: FailureMatch;
  /** No retry starts later than this after the start of the task's first attempt. */
  giveUpAfterMs?: number;
}

export const NO_RETRY: RetryPolicy = { attempts: 1, delayMs: 10_000, factor: 2, capMs: 600_000 };

/** A task that is executed once for each item of a list, or for each batch of items. */
export interface ForEach {
  /** The list as written, or a Liquid expression that gives it. */
  over: Json[] | string;
  /** Items in one task run, which sees them as `items`. Absent: one, seen as `item`. */
  batch?: number;
}

export interface TaskSpec {
  type: string;
  name?: string;
  description?: string;
  needs: string[];
  /** Source of the condition; absent means `success()`. */
  if?: string;
  forEach?: ForEach;
  /** Values are templates. */
  env: Record<string, string>;
  timeoutMs?: number;
  retry: RetryPolicy;
  pool: string;
  /** Label that a runner must have to take the task. */
  runsOn?: string;
  /** −100…100, higher first; absent means the flow's. */
  priority?: number;
  writes: Writes;
  /** Settings of the task type, validated by the type's own schema. Strings in it are templates. */
  with: Record<string, Json>;
}

export interface ScheduleSpec {
  cron: string;
  timezone: string;
  catchup: "all" | "latest" | "none";
  overlap: "queue" | "skip" | "cancel";
  start?: string;
  end?: string;
  params?: Record<string, Json>;
}

export interface NotifySpec {
  on: string[];
  to: string;
}

/** A file stored with the revision. `path` is relative, with `/`, below the attempt's working directory. */
export interface SpecFile {
  path: string;
  sha256: string;
  bytes: number;
  executable: boolean;
}

export interface FlowSpec {
  specVersion: typeof SPEC_VERSION;
  id: string;
  name?: string;
  description?: string;
  tags: string[];
  owner?: string;
  params: Record<string, ParamSchema>;
  schedules: ScheduleSpec[];
  /** Most active runs of the flow. */
  concurrency?: number;
  /** −100…100, higher first; absent means 0. */
  priority?: number;
  notify: NotifySpec[];
  files: SpecFile[];
  /** SHA-256 of the bundled code of a TypeScript flow. */
  bundle?: string;
  tasks: Record<string, TaskSpec>;
}

export type SourceFormat = "yaml" | "xml" | "typescript" | "wfcommons";

/** Content that travels with a revision, addressed by its SHA-256 in lower-case hex. */
export interface Blob {
  sha256: string;
  bytes: Uint8Array;
}

/**
 * A compiled definition, ready to be stored: the one value that all sources end in.
 * `hash` is the SHA-256 of `canonical`, the RFC 8785 form of `spec`.
 */
export interface CompiledFlow {
  spec: FlowSpec;
  canonical: string;
  hash: string;
  source: { format: SourceFormat; path: string; text: string };
  blobs: Blob[];
  graph: FlowGraph;
  /** Its tasks that run other flows, in the order of the graph. */
  calls: FlowCall[];
}

/** A task that runs another flow, and where its definition names that. */
export interface FlowCall {
  task: string;
  flow: string;
  position: Position;
}

/** The DAG by ordinal: tasks in topological order, ties by id, so that equal specs give equal ordinals. */
export interface FlowGraph {
  taskIds: string[];
  /** For each ordinal, the ordinals it needs, ascending. */
  parents: number[][];
  /** For each ordinal, the ordinals that need it, ascending. */
  children: number[][];
}
