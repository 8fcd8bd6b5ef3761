/** Flows of a few tasks, executed by one real runner, and all that became of them. */
import { expect } from "vitest";
import type { CompiledFlow, Json } from "#server/core/flow/spec.ts";
import type { LogLine } from "#server/core/run/attempt-view.ts";
import type { TaskState } from "#server/core/run/states.ts";
import { readLog } from "#server/db/run/logs.ts";
import { buildFlow, type TaskDraft } from "../flow-builder.ts";
import { hashAnew } from "../task-drafts.ts";
import {
  type AttemptRow,
  awaitRun,
  type RunRow,
  readAttempts,
  readRun,
  type StoredFlow,
  startRun,
  storeFlow,
  taskStates,
} from "./runs.ts";
import { createWorld, type EngineWorld } from "./world.ts";

export interface Execution {
  runId: string;
  run: RunRow;
  states: Record<string, TaskState>;
  attemptsOf(task: string): AttemptRow[];
  output(task: string): unknown;
  log(task: string, attempt?: number): Promise<LogLine[]>;
}

export interface ExecutionOptions {
  /** Changes the flow before it is stored; its hash follows. */
  change?: (flow: CompiledFlow) => void;
  params?: Record<string, Json>;
}

export interface Executions {
  world: EngineWorld;
  /** Starts a run of the tasks. */
  start(
    tasks: Record<string, TaskDraft>,
    options?: ExecutionOptions,
  ): Promise<{ stored: StoredFlow; runId: string }>;
  /** Runs the tasks to their end. Shows what stands in their way when they do not come to it. */
  execute(tasks: Record<string, TaskDraft>, options?: ExecutionOptions): Promise<Execution>;
  /** What has become of a run so far. */
  look(stored: StoredFlow, runId: string): Promise<Execution>;
  /** Ends the runner, and expects every invariant to hold. */
  close(): Promise<void>;
}

/** @param env more settings of the runner */
export async function openExecutions(env: Record<string, string> = {}): Promise<Executions> {
  const world = await createWorld();
  const { pool } = world;
  // Nothing here is about leases: a machine that is busy must not look like a frozen runner.
  await world.startRunner({ IDEM_KILL_GRACE_MS: "300", IDEM_LEASE_MS: "60000", ...env });
  let flows = 0;

  const start: Executions["start"] = async (tasks, { change, params = {} } = {}) => {
    flows += 1;
    const flow = buildFlow(`tasks-${flows}`, tasks);
    change?.(flow);
    hashAnew(flow);
    const stored = await storeFlow(pool, flow);
    return { stored, runId: await startRun(pool, stored, { params }) };
  };

  const look: Executions["look"] = async (stored, runId) => {
    const ordinalOf = (task: string) => stored.flow.graph.taskIds.indexOf(task);
    const attempts = await readAttempts(pool, runId);
    const outputs = await pool.query<{ ordinal: number; output: unknown }>(
      "select ordinal, output from task_output where run_id = $1",
      [runId],
    );
    return {
      runId,
      run: await readRun(pool, runId),
      states: await taskStates(pool, stored, runId),
      attemptsOf: (task) => attempts.filter((row) => row.ordinal === ordinalOf(task)),
      output: (task) => outputs.rows.find((row) => row.ordinal === ordinalOf(task))?.output,
      log: async (task, attempt = 1) => {
        const key = { runId, ordinal: ordinalOf(task), attempt };
        return (await readLog(pool, key, { from: 1, count: 2_000 })).lines;
      },
    };
  };

  return {
    world,
    start,
    look,
    async execute(tasks, options) {
      const { stored, runId } = await start(tasks, options);
      try {
        await awaitRun(pool, runId);
      } catch (error) {
        console.error(await world.describe());
        throw error;
      }
      return look(stored, runId);
    },
    async close() {
      expect(await world.finish()).toEqual([]);
      await world.remove();
    },
  };
}
