/** The shape of a run that scripts rely on, and its form for people. */
import type { Json } from "#server/core/flow/spec.ts";
import type { RunWaits } from "#server/core/queue/view.ts";
import type { RunState, TaskState } from "#server/core/run/states.ts";
import type { RunDetail, RunSummary, WaitReason } from "#server/core/run/view.ts";
import type { Api } from "./api.ts";
import { duration, table } from "./output.ts";
import { waitText } from "./wait-text.ts";

export interface RunJson {
  id: string;
  flow: string;
  revision: number;
  identity: string;
  state: RunState;
  params: Record<string, Json>;
  interval: { start: string; end: string } | null;
  parent: string | null;
  trigger: string;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
}

export interface TaskJson {
  id: string;
  state: TaskState;
  attempt: number;
  startedAt: string | null;
  finishedAt: string | null;
  output: Json;
  /** Why it does not run; only where that was asked for and the task waits. */
  waits?: WaitReason[];
}

export function summaryJson(run: RunSummary): RunJson {
  return {
    id: run.id,
    flow: run.flow,
    revision: run.revision,
    identity: run.identity,
    state: run.state,
    params: run.params,
    interval: run.interval,
    parent: run.parent,
    trigger: run.trigger,
    createdAt: run.createdAt,
    startedAt: run.startedAt,
    finishedAt: run.finishedAt,
  };
}

/**
 * A run with its tasks and what they returned.
 * @param waits why tasks of the run wait, to be told with them
 */
export async function detailJson(
  api: Api,
  run: RunDetail,
  waits: RunWaits | null = null,
): Promise<RunJson & { tasks: TaskJson[] }> {
  // Only these can have one; the client sends what is asked at once in batches.
  const done = run.tasks.filter(({ state }) => state === "succeeded" || state === "reused");
  const outputs = new Map(
    await Promise.all(
      done.map(async ({ id }) => {
        const io = await api.runs.io.query({ id: run.id, task: id });
        return [id, io.output] as const;
      }),
    ),
  );
  const reasons = new Map(waits?.tasks.map((entry) => [entry.task, entry.waits]));
  return {
    ...summaryJson(run),
    tasks: run.tasks.map(({ id, state, attempt, startedAt, finishedAt }) => ({
      id,
      state,
      attempt,
      startedAt,
      finishedAt,
      output: outputs.get(id) ?? null,
      ...(reasons.has(id) ? { waits: reasons.get(id) ?? [] } : {}),
    })),
  };
}

/** One run with its tasks, for people. */
export function describeRun(run: RunDetail, waits: RunWaits | null = null): string {
  const lines = [
    `run ${run.id}  ${run.flow} r${run.revision}  ${run.state}  ${duration(run.startedAt, run.finishedAt, run.now)}`,
    `identity ${run.identity}`,
  ];
  if (run.interval) lines.push(`interval [${run.interval.start}, ${run.interval.end})`);
  if (run.parent)
    lines.push(`rerun of ${run.parent} (${run.certificate?.verdict ?? "no certificate"})`);
  if (run.caller)
    lines.push(`run by task ${run.caller.task} of ${run.caller.flow}, run ${run.caller.run}`);
  for (const call of run.calls)
    lines.push(`task ${call.task} made run ${call.run} of ${call.flow} (${call.state})`);
  const params = Object.entries(run.params);
  if (params.length > 0) {
    lines.push(
      `params ${params.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(" ")}`,
    );
  }
  if (run.firstError) lines.push(`error in ${run.firstError.task}: ${run.firstError.message}`);
  for (const reason of waits?.run ?? []) lines.push(`waits: ${waitText(reason)}`);
  const reasons = new Map(waits?.tasks.map((entry) => [entry.task, entry.waits]));
  const rows = run.tasks.map((task) => [
    task.id,
    task.state.replaceAll("_", " "),
    String(task.attempt),
    duration(task.startedAt, task.finishedAt, run.now),
    (reasons.get(task.id) ?? []).map(waitText).join("; "),
  ]);
  const head = ["TASK", "STATE", "ATTEMPT", "TIME", ...(waits === null ? [] : ["WAITS"])];
  const shown = waits === null ? rows.map((row) => row.slice(0, -1)) : rows;
  return [...lines, "", table(head, shown)].join("\n");
}
