/**
 * Contract between the engine and task types. A task type is a folder below tasks/: `spec.ts` is
 * pure and known to the compiler, `run.ts` has the effects, `index.ts` joins them.
 */
import type { Json } from "#server/core/flow/spec.ts";
import type { TaskTypeSpec } from "#server/core/flow/task-type.ts";
import type { AttemptError } from "#server/core/run/attempt-view.ts";
import type { RunState } from "#server/core/run/states.ts";
import type { FirstError } from "#server/core/run/view.ts";

/** What one attempt gets to work with. */
export interface AttemptContext {
  readonly runId: string;
  readonly task: string;
  readonly attempt: number;
  /** Settings of the task type, templates rendered. */
  readonly settings: Readonly<Record<string, Json>>;
  /**
   * Aborted when the attempt must end: timeout, cancellation, or a runner that stops. The reason is
   * of no concern to the task type; whatever it throws then is taken for the consequence.
   */
  readonly signal: AbortSignal;
  readonly log: AttemptLog;
  /** The span of data that the run covers: ISO 8601 in UTC; null when it has none. */
  readonly interval: { readonly start: string; readonly end: string } | null;
  /** IANA name of the run's time zone. */
  readonly timezone: string;
  /** Milliseconds since 1970 by the clock that runs are timed by, which is not this machine's. */
  now(): number;
  /** Absolute; what programs see as IDEM_DATA. */
  readonly dataDir: string;
  /**
   * The newest run of a flow that succeeded for exactly this interval; null when there is none.
   * Waits for a database that is away.
   */
  findSuccess(flow: string, interval: { start: string; end: string }): Promise<string | null>;
  /**
   * Runs another flow for this try of the task: starts the one run of it, or finds it, and says how
   * it stands. After a failed try it is a rerun of what failed there. Waits for a database that is away.
   * @throws AppError when the run cannot be made
   */
  callFlow(call: FlowCallOrder): Promise<CalledRun>;
  /** Cancels that run, unless the attempt ended because of its runner. */
  abandonFlow(): Promise<void>;
  /** What the last tasks of a succeeded run returned, by task id; those that returned nothing are absent. */
  readLeaves(run: string): Promise<Record<string, Json>>;
  /** @throws TaskFailure when the lease does not allow a start any more */
  checkLease(): void;
  /**
   * Runs a program to its end as the attempt: own process group, clean environment, own working
   * directory with the revision's files, output into the log.
   * @returns the value of the output file, or undefined when none was written
   * @throws TaskFailure for anything but exit code 0 and a readable output
   */
  runProgram(program: Program): Promise<Json | undefined>;
  /**
   * Calls a function of the revision's bundle in a warm worker process.
   * @throws TaskFailure with what the function threw
   */
  callFunction(handler: string): Promise<Json | undefined>;
}

export interface FlowCallOrder {
  flow: string;
  /** Texts are understood as the flow's parameters ask. */
  params: Readonly<Record<string, Json>>;
  /** Instants in ISO 8601, UTC. */
  interval: { start: string; end: string } | null;
}

/** How a run of a called flow stands. */
export interface CalledRun {
  run: string;
  state: RunState;
  firstError: FirstError | null;
}

export interface AttemptLog {
  /** A line of the task type itself, on standard output. */
  info(line: string): void;
  /** As `info`, on standard error. */
  error(line: string): void;
}

export interface Program {
  /** Looked up in PATH. */
  command: string;
  args: readonly string[];
  /** A file to write into the attempt's private folder first; its path is the last argument. */
  script?: { name: string; text: string };
  /** What to tell when `command` is not installed. */
  missing?: string;
}

/** An attempt that failed for a reason the task type knows. */
export class TaskFailure extends Error {
  override readonly name = "TaskFailure";
  readonly error: AttemptError;

  constructor(error: AttemptError) {
    super(error.message);
    this.error = error;
  }
}

/** Executes attempts of one task type. */
export type RunTask = (context: AttemptContext) => Promise<Json | undefined>;

/** A task type. An `instant` one succeeds without doing, and costing, anything. */
export type TaskPlugin =
  | { spec: TaskTypeSpec; run: RunTask }
  | { spec: TaskTypeSpec; instant: true };
