/**
 * What people and programs see of runs: the values that use cases return, the API sends and
 * components draw. Ids of runs, runners and revisions are decimal strings. Times are ISO 8601 in UTC.
 */
import type { Json, ParamSchema, SourceFormat } from "../flow/spec.ts";
import type { GraphView } from "../flow/view.ts";
import type { Page } from "../page.ts";
import type { Certificate } from "./rerun-view.ts";
import type { RunState, RunTrigger, TaskState, TaskStateCounts } from "./states.ts";

export interface IntervalView {
  start: string;
  end: string;
}

/** First line of the error of the first failed task, for lists and headers. */
export interface FirstError {
  task: string;
  /** What the task is called, where its flow gives it a name. */
  name?: string;
  /** For a task run of a list: its place there, from 0. */
  item?: number;
  attempt: number;
  message: string;
  /** 1-based line in the attempt's log, when the message was found there. */
  line?: number;
}

/** A row of a list of runs. */
export interface RunSummary {
  id: string;
  flow: string;
  flowName: string | null;
  revision: number;
  identity: string;
  state: RunState;
  trigger: RunTrigger;
  params: Record<string, Json>;
  interval: IntervalView | null;
  timezone: string;
  parent: string | null;
  /** The backfill that it works off a row of. */
  backfill: string | null;
  rerunScope: string | null;
  createdBy: string;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  firstError: FirstError | null;
  /** True when the run succeeded but at least one task needed more than one attempt. */
  recovered: boolean;
  taskCounts: TaskStateCounts;
}

/** A page of a list of runs, newest first. */
export interface RunList extends Page<RunSummary> {
  /** Database time when this was read; the clock that durations of live runs count from. */
  now: string;
}

/** Why a task that has not ended does not run: only what is known, in a closed vocabulary. */
export type WaitReason =
  | { kind: "needs"; tasks: string[] }
  /** All slots of the runners that could take it are in use. */
  | { kind: "slot" }
  | { kind: "no_runner" }
  /** No runner that is up has the label that it asks for. */
  | { kind: "label"; label: string }
  /** All slots of its pool are in use. */
  | { kind: "pool"; pool: string; slots: number; running: number }
  | { kind: "retry"; at: string }
  /** Lost its runner twice: it is tried after others that were lost with it. */
  | { kind: "apart" }
  /** Its flow has as many active runs as it may have. */
  | { kind: "flow_limit"; flow: string; limit: number; active: number }
  /** Nothing keeps it: it is about to go on. */
  | { kind: "next" }
  /** Earlier runs of the same schedule have not ended, oldest first. */
  | { kind: "earlier_runs"; runs: string[] };

export interface TaskRunView {
  id: string;
  ordinal: number;
  type: string;
  state: TaskState;
  /** Number of the latest attempt; 0 before the first. */
  attempt: number;
  readyAt: string | null;
  startedAt: string | null;
  finishedAt: string | null;
  notBefore: string | null;
  reusedFrom: string | null;
  runner: string | null;
  /** For a task that has been spread over a list: its task runs by state. */
  items: { total: number; counts: TaskStateCounts } | null;
}

/** One task run of a list. `item` is its place there, from 0. */
export interface ItemView {
  item: number;
  state: TaskState;
  attempt: number;
  startedAt: string | null;
  finishedAt: string | null;
  notBefore: string | null;
  runner: string | null;
  reusedFrom: string | null;
}

/** A run of another flow that a task of a run has made. */
export interface CalledRunView {
  run: string;
  flow: string;
  flowName: string | null;
  task: string;
  state: RunState;
}

export interface RunDetail extends RunSummary {
  revisionId: string;
  revisionHash: string;
  sourceFormat: SourceFormat;
  certificate: Certificate | null;
  reason: string | null;
  cancelRequestedAt: string | null;
  /** The schedule that started the run; `tick` is null when somebody asked for it by hand. */
  schedule: { key: string; tick: string | null } | null;
  /** True while the run waits for its turn, or for its flow to have fewer active runs. */
  held: boolean;
  /** The run whose values were the starting point of this one, which has others. */
  changedFrom: string | null;
  /** The task that this run was made for, and the run that it belongs to. */
  caller: { run: string; flow: string; task: string } | null;
  /** Runs that tasks of this run have made, newest first, at most 50. */
  calls: CalledRunView[];
  reruns: { id: string; state: RunState; scope: string | null; createdAt: string }[];
  tasks: TaskRunView[];
  graph: GraphView;
  /** Database time when this was read; the clock that durations of live tasks count from. */
  now: string;
  /** Increases with every change of the run; the id of live updates. */
  version: string;
}

/** What a live subscription sends: the run's own fields and only the task runs that changed. */
export interface RunDelta {
  version: string;
  now: string;
  run: Pick<
    RunDetail,
    | "state"
    | "startedAt"
    | "finishedAt"
    | "firstError"
    | "recovered"
    | "taskCounts"
    | "cancelRequestedAt"
    | "held"
    | "reruns"
    | "calls"
  >;
  tasks: TaskRunView[];
}

/** What the form of a new run starts from. */
export interface RunDraft {
  flow: string;
  flowName: string | null;
  revision: number;
  latestRevision: number;
  schemas: Record<string, ParamSchema>;
  /** Names of parameters without which a run is refused. */
  required: string[];
  params: Record<string, Json>;
  /** A run without an interval is refused: the flow's templates read it. */
  needsInterval: boolean;
  interval: IntervalView | null;
  timezone: string;
  /** The run whose values fill the form, when it was opened from one. */
  from: string | null;
}

export interface ManifestView {
  /** Canonical JSON, byte for byte as hashed unless values are hidden. */
  text: string;
  /** True when values of parameters that are `writeOnly` are hidden in the text. */
  hidden: boolean;
  identity: string;
  /** SHA-256 of the stored text, computed when read: equal to `identity`, or the store is damaged. */
  recomputed: string;
  runsWithSameIdentity: { id: string; state: RunState; createdAt: string }[];
}

export interface RunEventView {
  id: string;
  at: string;
  actor: string;
  verb: string;
  detail: Json;
}

export interface RunFilter {
  flow?: string | undefined;
  state?: RunState[] | undefined;
  trigger?: RunTrigger[] | undefined;
  /** Runs whose interval starts in [from, to), ISO 8601. */
  intervalFrom?: string | undefined;
  intervalTo?: string | undefined;
  /** Runs that have all of these parameter values. */
  params?: Record<string, Json> | undefined;
  identity?: string | undefined;
  parent?: string | undefined;
  /** Runs of this backfill, those of its retries included. */
  backfill?: string | undefined;
}
