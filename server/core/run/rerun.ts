import { AppError, unreachable } from "#server/core/errors.ts";
import { canonicalJson, sha256Hex } from "#server/core/flow/canonical.ts";
import type { FlowGraph, Writes } from "#server/core/flow/spec.ts";
import type { Certificate, RerunPlan, RerunPlanTask, RerunReason } from "./rerun-view.ts";
import { isTaskEnded, type TaskState } from "./states.ts";

export type RerunScope = { kind: "all" } | { kind: "failed" } | { kind: "from"; task: string };

/**
 * Reads `all`, `failed` or `from:<task>`.
 * @throws AppError INVALID_INPUT for anything else
 */
export function parseScope(text: string): RerunScope {
  if (text === "all" || text === "failed") return { kind: text };
  if (text.startsWith("from:") && text.length > 5) return { kind: "from", task: text.slice(5) };
  throw new AppError("INVALID_INPUT", `"${text}" is not a rerun scope.`, {
    fix: "Use all, failed or from:<task>.",
  });
}

export interface RerunTask {
  state: TaskState;
  /** Run in which the task really executed, when its result was taken over from there. */
  reusedFrom: string | null;
  writes: Writes;
}

export interface RerunInput {
  run: string;
  scope: RerunScope;
  graph: Pick<FlowGraph, "taskIds" | "parents">;
  /** By ordinal. */
  tasks: readonly RerunTask[];
  /** What tasks are called, by id: only to be shown. */
  names?: Record<string, string>;
  certificate: Certificate;
}

/**
 * A task that succeeded and whose effects are not replaced by doing them again.
 * Reused tasks succeeded in an earlier run, so they count as well.
 */
export function isGuarded(state: TaskState, writes: Writes): boolean {
  const succeeded = state === "succeeded" || state === "reused";
  return succeeded && isUnsafe(writes);
}

/** Whether doing it again does not replace what was done before. */
export function isUnsafe(writes: Writes): boolean {
  return writes.mode === "external" || (writes.mode === "append" && writes.staged !== true);
}

/**
 * Decides for every task of an ended run whether a rerun executes, reuses or skips it.
 * Whatever depends on an executed task is executed too, in every scope.
 * @throws AppError INVALID_INPUT when the run has not ended or the task of `from` is unknown
 * @throws AppError NOTHING_TO_RUN when no task would be executed
 */
export function planRerun(input: RerunInput): RerunPlan {
  const { graph, tasks, scope } = input;
  const live = tasks.findIndex((task) => !isTaskEnded(task.state));
  if (live >= 0) {
    throw new AppError("INVALID_INPUT", `Run ${input.run} has not ended.`, {
      fix: "Wait for it or cancel it, then rerun.",
    });
  }
  const seeds = seedsOf(scope, graph, tasks);
  const decisions: (RerunPlanTask | undefined)[] = new Array(tasks.length);
  for (let ordinal = 0; ordinal < tasks.length; ordinal++) {
    const task = tasks[ordinal] as RerunTask;
    const cause = (graph.parents[ordinal] ?? []).find((p) => decisions[p]?.action === "run");
    decisions[ordinal] = {
      id: graph.taskIds[ordinal] as string,
      ...decide(seeds.get(ordinal), cause === undefined ? null : (graph.taskIds[cause] as string), {
        task,
        run: input.run,
      }),
    } as RerunPlanTask;
  }
  const plan = decisions as RerunPlanTask[];
  const counts = { run: 0, reuse: 0, skip: 0 };
  for (const task of plan) counts[task.action]++;
  if (counts.run === 0) {
    throw new AppError("NOTHING_TO_RUN", `No task of run ${input.run} needs to run again.`, {
      fix: "Choose the scope all, or from a task.",
    });
  }
  const body = {
    run: input.run,
    scope: scope.kind === "from" ? `from:${scope.task}` : scope.kind,
    tasks: plan,
    counts,
    certificate: input.certificate,
    guardedTasks: plan.filter((task) => task.guarded).map((task) => task.id),
  };
  return { ...body, names: input.names ?? {}, hash: sha256Hex(canonicalJson(body)) };
}

function seedsOf(
  scope: RerunScope,
  graph: Pick<FlowGraph, "taskIds">,
  tasks: readonly RerunTask[],
): Map<number, RerunReason> {
  const seeds = new Map<number, RerunReason>();
  switch (scope.kind) {
    case "all":
      for (let i = 0; i < tasks.length; i++) seeds.set(i, { kind: "scope_all" });
      return seeds;
    case "from": {
      const ordinal = graph.taskIds.indexOf(scope.task);
      if (ordinal < 0) {
        throw new AppError("INVALID_INPUT", `The run has no task "${scope.task}".`, {
          fix: "Name a task of the run's revision.",
        });
      }
      seeds.set(ordinal, { kind: "from_task" });
      addFailed(seeds, tasks);
      return seeds;
    }
    case "failed":
      addFailed(seeds, tasks);
      return seeds;
    default:
      return unreachable(scope);
  }
}

/** What did not succeed has no result to reuse, whichever scope was chosen. */
function addFailed(seeds: Map<number, RerunReason>, tasks: readonly RerunTask[]): void {
  tasks.forEach((task, ordinal) => {
    const { state } = task;
    if (state === "failed" || state === "cancelled" || state === "upstream_failed") {
      if (!seeds.has(ordinal)) seeds.set(ordinal, { kind: "not_succeeded", state });
    }
  });
}

function decide(
  seed: RerunReason | undefined,
  cause: string | null,
  { task, run }: { task: RerunTask; run: string },
): Pick<RerunPlanTask, "action" | "reason" | "guarded"> {
  const reason =
    seed ?? (cause === null ? undefined : ({ kind: "depends_on", task: cause } as const));
  if (reason !== undefined) {
    return { action: "run", reason, guarded: isGuarded(task.state, task.writes) };
  }
  if (task.state === "skipped") {
    return { action: "skip", reason: { kind: "was_skipped" }, guarded: false };
  }
  return {
    action: "reuse",
    reason: { kind: "succeeded", run: task.reusedFrom ?? run },
    guarded: false,
  };
}
