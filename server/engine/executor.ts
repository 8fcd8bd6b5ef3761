/** Executes attempts: finds out what the task is and has its plugin do it. */
import { AppError } from "../core/errors.ts";
import type { Claim } from "../db/queue.ts";
import { type RevisionModel, revisionHash, revisionModel } from "../db/settle-model.ts";
import type { Queryable } from "../db/sql.ts";
import { taskPlugin } from "../plugins/registry.ts";
import type { Executor, LiveTask, Outcome } from "./tasks.ts";

export interface ExecutorOptions {
  sql: Queryable;
}

export function createExecutor({ sql }: ExecutorOptions): Executor {
  const hashes = new Map<string, string>();

  async function modelOf(claim: Claim): Promise<RevisionModel> {
    let hash = hashes.get(claim.revisionId);
    if (hash === undefined) {
      hash = await revisionHash(sql, claim.revisionId);
      hashes.set(claim.revisionId, hash);
    }
    return revisionModel(sql, claim.revisionId, hash);
  }

  return {
    async execute(task: LiveTask): Promise<Outcome> {
      const model = await modelOf(task.claim);
      const id = model.taskIds[task.claim.ordinal] ?? "";
      const spec = model.spec.tasks[id];
      if (spec === undefined) throw new AppError("INTERNAL", `There is no task ${id}.`);
      const plugin = taskPlugin(spec.type);
      if (plugin === undefined) throw new AppError("INTERNAL", `No runner knows ${spec.type}.`);
      if ("instant" in plugin) return { kind: "succeeded" };
      throw new AppError("INTERNAL", `No runner can execute ${spec.type}.`);
    },
  };
}
