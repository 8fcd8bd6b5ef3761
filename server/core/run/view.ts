/**
 * What people and programs see of runs: the values that use cases return, the API sends and
 * components draw. Ids of runs, runners and revisions are decimal strings. Times are ISO 8601 in UTC.
 */

import type { Problem } from "#server/core/errors.ts";
import type { UnmetCall } from "#server/core/flow/call-warnings.ts";
import type { FlowSpec, Json, ParamSchema, SourceFormat, Writes } from "#server/core/flow/spec.ts";
import type { NextTickView } from "#server/core/schedule/view.ts";
import type { AttemptState, RunState, RunTrigger, TaskState, TaskStateCounts } from "./states.ts";

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

export interface GraphView {
  tasks: { id: string; name: string | null; type: string; needs: string[] }[];
  hash: string;
}

export interface CertificateField {
  field: string;
  parent: Json;
  run: Json;
}

/** The proof attached to a rerun: equal identities, or the fields that differ. */
export interface Certificate {
  verdict: "identical" | "different";
  parentIdentity: string;
  identity: string;
  parentRevision: string;
  revision: string;
  differences: CertificateField[];
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

export interface AttemptView {
  attempt: number;
  state: AttemptState;
  startedAt: string;
  finishedAt: string | null;
  runner: string | null;
  error: AttemptError | null;
}

/** Why an attempt did not succeed. `message` is one line, fit for a list. */
export interface AttemptError {
  kind:
    | "exit"
    | "signal"
    | "timeout"
    | "cancelled"
    | "lost"
    | "http"
    | "exception"
    | "output"
    | "template"
    | "start"
    /** Of a task that is executed over a list: some of its task runs failed. */
    | "items"
    /** Of a task that runs a flow: the run did not succeed. */
    | "flow";
  message: string;
  exitCode?: number;
  signal?: string;
  status?: number;
  /** Why no retry followed although attempts were left. */
  gaveUp?: "not_retried" | "given_up" | "out_of_time";
  /** 1-based line in the attempt's log where the first error was found. */
  line?: number;
}

export interface TaskIoView {
  task: string;
  type: string;
  /** Settings as they are written, templates in them. */
  with: Record<string, Json>;
  env: Record<string, string>;
  writes: Writes;
  /** The same as the attempt saw it; null before there was one, and where a template fails. */
  rendered: { with: Record<string, Json>; env: Record<string, string>; writes: Writes } | null;
  inputs: { task: string; output: Json }[];
  /**
   * What one task run of a list works on, an item or a batch of them, and what it returned; null when
   * none was asked for, or its task is not executed over a list.
   */
  each: { index: number; value: Json; output: Json } | null;
  output: Json;
  outputFrom: string | null;
  waits: WaitReason[];
}

/** `n` is the 1-based line number. `text` may hold ANSI escapes and must be shown as text. */
export interface LogLine {
  n: number;
  stream: "stdout" | "stderr" | "notice";
  text: string;
  at: string;
}

export interface LogPage {
  lines: LogLine[];
  /** Number of lines stored so far. */
  total: number;
  /** True once the attempt has ended and everything is stored. */
  complete: boolean;
  truncated: boolean;
  /** 1-based number of the first error line, when the attempt failed. */
  firstErrorLine: number | null;
}

export interface RerunPlanTask {
  id: string;
  action: "run" | "reuse" | "skip";
  reason: RerunReason;
  /** True when the task succeeded before and running it again has effects that do not replace the old ones. */
  guarded: boolean;
}

export type RerunReason =
  | { kind: "scope_all" }
  | { kind: "not_succeeded"; state: TaskState }
  | { kind: "depends_on"; task: string }
  | { kind: "from_task" }
  | { kind: "succeeded"; run: string }
  | { kind: "was_skipped" };

export interface RerunPlan {
  run: string;
  scope: string;
  tasks: RerunPlanTask[];
  counts: { run: number; reuse: number; skip: number };
  certificate: Certificate;
  guardedTasks: string[];
  /** What tasks are called, by id, of those that their flow gives a name. */
  names: Record<string, string>;
  /** SHA-256 over the plan without the names; sent back on execution so that a stale plan is refused. */
  hash: string;
}

export interface FlowSummary {
  id: string;
  name: string | null;
  description: string | null;
  owner: string | null;
  tags: string[];
  origin: "file" | "push" | "import";
  sourcePath: string | null;
  revision: number;
  revisionHash: string;
  taskCount: number;
  archivedAt: string | null;
  updatedAt: string;
  problems: Problem[];
  /** The next tick of any of its schedules; null when none is to come. */
  nextTick: string | null;
  /** Newest last, at most 14. */
  lastRuns: { id: string; state: RunState; createdAt: string; durationMs: number | null }[];
}

/** A file below the flows folder that has problems and belongs to no stored flow. */
export interface BrokenSource {
  path: string;
  problems: Problem[];
}

export interface RevisionSummary {
  number: number;
  hash: string;
  createdAt: string;
  createdBy: string;
  sourceFormat: SourceFormat;
  taskCount: number;
  edgeCount: number;
  runs: number;
}

export interface RunnerView {
  id: string;
  name: string;
  host: string;
  pid: number;
  version: string;
  state: "active" | "draining" | "stopped" | "lost";
  slots: number;
  /** What tasks can ask for under `runs_on`. */
  labels: string[];
  running: number;
  /** Attempts that it has ended. */
  ended: number;
  /** Who asked it to drain; null unless it drains and may be resumed. */
  drainedBy: string | null;
  memoryBytes: number;
  startedAt: string;
  heartbeatAt: string;
  heartbeatAgeMs: number;
}

/** A page of a list: `next` is the cursor of the following page, or null at the end. */
export interface Page<T> {
  items: T[];
  next: string | null;
}

export interface OverviewView {
  /** Runs that failed in the last 24 hours, newest first, at most 20. */
  failures: RunSummary[];
  /** How many failed in the last 24 hours, counted up to 1,000. */
  failureCount: number;
  /** Queued and running, newest first, at most 20. */
  active: RunSummary[];
  queue: { ready: number; running: number; retryWait: number; oldestReadyAt: string | null };
  runners: RunnerView[];
  flowCount: number;
  runCount24h: number;
  brokenSources: number;
  /** The next ticks over all flows, at most 5. */
  nextTicks: NextTickView[];
  /** Schedules that missed ticks or could not fire within the last 24 hours. */
  troubledSchedules: number;
  now: string;
}

export interface FlowDetail extends FlowSummary {
  /** Flows that its tasks run and that are not there, or archived: runs are refused. */
  unmetCalls: UnmetCall[];
  spec: FlowSpec;
  graph: GraphView;
  sourceFormat: SourceFormat;
  revisionId: string;
  revisionCreatedAt: string;
}

export interface RevisionDetail extends Omit<RevisionSummary, "runs"> {
  flow: string;
  spec: FlowSpec;
  sourcePath: string;
  sourceText: string;
  graph: GraphView;
}

export interface SpecChange {
  /** JSON pointer into the canonical spec or manifest. */
  path: string;
  /** Absent on one side when the value was added or removed. */
  before?: Json;
  after?: Json;
}

/** Newest run first. `states[run][task]` follows `runs` and `tasks`; null where the run's revision lacks the task. */
export interface FlowGrid {
  tasks: { id: string; type: string }[];
  runs: RunSummary[];
  states: (TaskState | null)[][];
  next: string | null;
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
  /** Canonical JSON, byte for byte as hashed. */
  text: string;
  identity: string;
  /** SHA-256 of `text`, computed when read: equal to `identity`, or the store is damaged. */
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
