/** The shape of a run that scripts rely on, and its form for people. */
import type { Json } from "#server/core/flow/spec.ts";
import type { RunState, TaskState } from "#server/core/run/states.ts";
import type { RunDetail, RunSummary } from "#server/core/run/view.ts";
import type { Api } from "./api.ts";
import { duration, table } from "./output.ts";

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

/** A run with its tasks and what they returned. */
export async function detailJson(
  api: Api,
  run: RunDetail,
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
  return {
    ...summaryJson(run),
    tasks: run.tasks.map(({ id, state, attempt, startedAt, finishedAt }) => ({
      id,
      state,
      attempt,
      startedAt,
      finishedAt,
      output: outputs.get(id) ?? null,
    })),
  };
}

/** One run with its tasks, for people. */
export function describeRun(run: RunDetail): string {
  const lines = [
    `run ${run.id}  ${run.flow} r${run.revision}  ${run.state}  ${duration(run.startedAt, run.finishedAt, run.now)}`,
    `identity ${run.identity}`,
  ];
  if (run.interval) lines.push(`interval [${run.interval.start}, ${run.interval.end})`);
  if (run.parent)
    lines.push(`rerun of ${run.parent} (${run.certificate?.verdict ?? "no certificate"})`);
  const params = Object.entries(run.params);
  if (params.length > 0) {
    lines.push(
      `params ${params.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(" ")}`,
    );
  }
  if (run.firstError) lines.push(`error in ${run.firstError.task}: ${run.firstError.message}`);
  const rows = run.tasks.map((task) => [
    task.id,
    task.state.replaceAll("_", " "),
    String(task.attempt),
    duration(task.startedAt, task.finishedAt, run.now),
  ]);
  return [...lines, "", table(["TASK", "STATE", "ATTEMPT", "TIME"], rows)].join("\n");
}
