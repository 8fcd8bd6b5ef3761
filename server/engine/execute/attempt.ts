/** One attempt from its claim to its outcome. */
import { AppError } from "../../core/errors.ts";
import type { Json, TaskSpec } from "../../core/flow/spec.ts";
import { type EachScope, renderTemplate, renderWith } from "../../core/flow/template/template.ts";
import type { AttemptError } from "../../core/run/attempt-view.ts";
import { eachOf, listOf } from "../../core/run/fan-out.ts";
import { stringsIn } from "../../core/run/mentions.ts";
import { findSuccess, type RunFacts } from "../../db/queue/queue-run.ts";
import type { RevisionModel } from "../../db/run/settle-model.ts";
import { intervalOf } from "../../db/sql.ts";
import { type AttemptContext, TaskFailure, type TaskPlugin } from "../../plugins/sdk.ts";
import { faultPoint } from "../faults.ts";
import type { AttemptLog } from "../logs/attempt-log.ts";
import { persist } from "../persist.ts";
import { FlowCaller } from "./call-flow.ts";
import { callFunction } from "./call-function.ts";
import { wasKilled } from "./process-end.ts";
import { runProgram } from "./run-program.ts";
import { scopeFor } from "./scope.ts";
import type { LiveTask, Outcome, StopCause } from "./tasks.ts";
import type { ExecutorTools } from "./tools.ts";

const RETRY_MS = 200;

export type RunningPlugin = Extract<TaskPlugin, { run: unknown }>;

/** Something that works for the attempt and can be told to end. */
export interface Stoppable {
  signal(signal: "SIGTERM" | "SIGKILL"): void;
}

export interface Rendered {
  settings: Record<string, Json>;
  env: Record<string, string>;
  /** What a task run of a list works on. */
  each?: EachScope;
}

export class Attempt {
  readonly tools: ExecutorTools;
  readonly live: LiveTask;
  readonly model: RevisionModel;
  readonly taskId: string;
  /** Ordinal of the task in the revision, which differs from the claim's for a task run of a list. */
  readonly definedAt: number;
  readonly #spec: TaskSpec;
  readonly #abort = new AbortController();
  #timedOut = false;
  #log: AttemptLog | null = null;
  #stoppable: Stoppable | null = null;
  #killTimer: NodeJS.Timeout | undefined;

  constructor(
    tools: ExecutorTools,
    live: LiveTask,
    model: RevisionModel,
    taskId: string,
    spec: TaskSpec,
  ) {
    this.tools = tools;
    this.live = live;
    this.model = model;
    this.taskId = taskId;
    this.definedAt = live.claim.each?.of ?? live.claim.ordinal;
    this.#spec = spec;
  }

  /** Created when the first line comes: most tasks that do little say nothing. */
  get log(): AttemptLog {
    this.#log ??= this.tools.openLog(this.live.claim);
    return this.#log;
  }

  /** Never rejects. */
  async execute(plugin: RunningPlugin): Promise<Outcome> {
    if (this.live.claim.attempt > 1) faultPoint("while-retrying");
    const limit = this.#startClock();
    this.live.onStop((cause) => this.#stop(cause));
    try {
      const outcome = await this.#attempt(plugin);
      await this.#log?.end();
      return outcome;
    } finally {
      clearTimeout(limit);
      clearTimeout(this.#killTimer);
    }
  }

  #startClock(): NodeJS.Timeout | undefined {
    const { timeoutMs } = this.#spec;
    if (timeoutMs === undefined) return undefined;
    return setTimeout(
      () => {
        if (this.live.cause !== null) return;
        this.#timedOut = true;
        this.#end("SIGTERM");
      },
      // A timer cannot run longer; 24 days and a timeout are no contradiction worth more.
      Math.min(timeoutMs, 2 ** 31 - 1),
    );
  }

  #stop(cause: StopCause): void {
    this.#end(cause === "cancelled" ? "SIGTERM" : "SIGKILL");
  }

  #end(signal: "SIGTERM" | "SIGKILL"): void {
    this.#abort.abort();
    this.#stoppable?.signal(signal);
    if (signal === "SIGKILL" || this.#killTimer !== undefined) return;
    this.#killTimer = setTimeout(() => this.#stoppable?.signal("SIGKILL"), this.tools.killGraceMs);
  }

  /** Whether the attempt has been told to end, for whatever reason. */
  get stopped(): boolean {
    return this.#abort.signal.aborted;
  }

  /** From now on the attempt's stop reaches `stoppable` too. */
  stopWith(stoppable: Stoppable): void {
    this.#stoppable = stoppable;
    if (!this.#abort.signal.aborted) return;
    stoppable.signal(this.live.cause === null ? "SIGTERM" : "SIGKILL");
  }

  /**
   * Repeats what needs the database, or room on this machine, until it gets through.
   * @throws the error once it is of another kind, or the attempt is stopped
   */
  persist<T>(work: () => Promise<T>): Promise<T> {
    return persist(work, {
      stopped: () => this.stopped,
      onShortage: ({ message }) =>
        this.log.notice(
          `The runner's machine lacks something: ${message}. Tried until it is there.`,
        ),
      restMs: RETRY_MS,
    });
  }

  async #attempt(plugin: RunningPlugin): Promise<Outcome> {
    try {
      this.checkLease();
      const facts = await this.persist(() => this.tools.runFacts(this.live.claim.runId));
      const rendered = await this.persist(() => this.#render(facts, plugin));
      this.checkLease();
      const output = await plugin.run(this.#context(facts, rendered));
      return output === undefined ? { kind: "succeeded" } : { kind: "succeeded", output };
    } catch (error) {
      return this.#failed(error);
    }
  }

  async #render(facts: RunFacts, { spec }: RunningPlugin): Promise<Rendered> {
    const { with: settings, env } = this.#spec;
    const texts = [...stringsIn(settings), ...Object.values(env)];
    const each = await this.#each(facts);
    const read = this.tools.readOutputs;
    const scope = await scopeFor(read, facts, this.model, this.definedAt, texts, each);
    return {
      ...(each === undefined ? {} : { each }),
      settings: renderWith(settings, scope, spec.verbatim) as Record<string, Json>,
      env: Object.fromEntries(
        Object.entries(env).map(([name, value]) => [name, renderTemplate(value, scope)]),
      ),
    };
  }

  /** What this task run works on: its part of the list, which is made anew and never differs. */
  async #each(facts: RunFacts): Promise<EachScope | undefined> {
    const { forEach } = this.#spec;
    const { each } = this.live.claim;
    if (forEach === undefined || each === null) return undefined;
    const texts = typeof forEach.over === "string" ? [forEach.over] : [];
    const scope = await scopeFor(this.tools.readOutputs, facts, this.model, each.of, texts);
    return eachOf(listOf(forEach, scope), each.index, forEach.batch);
  }

  #context(facts: RunFacts, rendered: Rendered): AttemptContext {
    const { runId, attempt } = this.live.claim;
    const write = (stream: "stdout" | "stderr") => (line: string) => {
      this.log.write(stream, Buffer.from(`${line}\n`));
    };
    const flows = new FlowCaller(this);
    return {
      runId,
      task: this.taskId,
      attempt,
      settings: rendered.settings,
      signal: this.#abort.signal,
      log: { info: write("stdout"), error: write("stderr") },
      interval: intervalOf(facts.intervalStart, facts.intervalEnd),
      timezone: facts.timezone,
      now: () => this.tools.clock.now(),
      dataDir: this.tools.dataDir,
      findSuccess: (flow, interval) =>
        this.persist(() => findSuccess(this.tools.sql, flow, interval)),
      callFlow: (order) => flows.call(order),
      abandonFlow: () => flows.abandon(),
      readLeaves: (run) => flows.leaves(run),
      checkLease: () => this.checkLease(),
      runProgram: (program) => runProgram(this, facts, rendered, program),
      callFunction: (handler) => callFunction(this.tools.workers, this, facts, rendered, handler),
    };
  }

  /** @throws TaskFailure of kind `lost` when the lease does not allow a start any more */
  checkLease(): void {
    if (this.live.cause === null && this.tools.lease.holds()) return;
    throw new TaskFailure({ kind: "lost", message: "The runner's lease ran out." });
  }

  #failed(error: unknown): Outcome {
    // Asked before the cause is read: a runner that was frozen may learn of it only here, and what
    // its watchdog has killed must not pass for a failure of the task.
    const holds = this.tools.lease.holds();
    const { cause } = this.live;
    switch (cause) {
      case "lost":
        return this.#lost();
      case "handed_back":
        return {
          kind: "handed_back",
          error: { kind: "lost", message: "The runner shut down and handed the task back." },
        };
      case "cancelled":
        this.#log?.notice("Cancelled.");
        return { kind: "cancelled", error: { kind: "cancelled", message: "Cancelled." } };
      case null:
        break;
    }
    if (!holds) return this.#lost();
    if (this.#timedOut) {
      const message = `Timed out after ${seconds(this.#spec.timeoutMs ?? 0)}.`;
      this.log.notice(message);
      return { kind: "timed_out", error: { kind: "timeout", message } };
    }
    const told = this.#told(error);
    return { kind: told.kind === "lost" ? "lost" : "failed", error: told };
  }

  #lost(): Outcome {
    return { kind: "lost", error: { kind: "lost", message: "The runner lost its lease." } };
  }

  /** The error with the line of the log that tells best what went wrong. */
  #told(error: unknown): AttemptError {
    const plain = errorOf(error);
    if (plain.kind === "lost" || plain.kind === "template") return plain;
    const best = this.#log?.bestLine ?? null;
    const told = this.log.notice(plain.message);
    if (best === null) return plain;
    if (wasKilled(plain)) return { ...plain, line: told };
    switch (plain.kind) {
      case "exit":
      case "signal":
        return { ...plain, line: best.line, message: best.text };
      case "exception":
        return { ...plain, line: best.line };
      default:
        // No program of the author's has failed: what was logged before was no reason.
        return { ...plain, line: told };
    }
  }
}

function errorOf(error: unknown): AttemptError {
  if (error instanceof TaskFailure) return error.error;
  if (error instanceof AppError) {
    const kind = error.code === "INTERNAL" ? "start" : "template";
    return { kind, message: oneLine(error.message) };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { kind: "exception", message: oneLine(message) };
}

function oneLine(text: string): string {
  return text.replaceAll("\0", "").split("\n", 1)[0] ?? "";
}

function seconds(ms: number): string {
  return `${ms / 1_000} s`;
}
