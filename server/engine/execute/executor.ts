/** Executes attempts: finds out what the task is and has its plugin do it. */
import { setTimeout as sleep } from "node:timers/promises";
import type { TaskSpec } from "../../core/flow/spec.ts";
import { isRetryable } from "../../db/failures.ts";
import { type RevisionModel, revisionHash, revisionModel } from "../../db/run/settle-model.ts";
import { instantTypes, taskPlugin } from "../../plugins/registry.ts";
import { slotlessTypes } from "../../plugins/task-types.ts";
import { Lru } from "../lru.ts";
import { Attempt } from "./attempt.ts";
import type { Executor, Followers, LiveTask, Outcome } from "./tasks.ts";
import type { ExecutorTools } from "./tools.ts";

const RETRY_MS = 200;
const REVISIONS_KEPT = 500;
const NO_FOLLOWERS: Followers = { most: 0, likely: 0 };

export function createExecutor(tools: ExecutorTools): Executor {
  const hashes = new Lru<string>(REVISIONS_KEPT);

  async function findModel(revisionId: string): Promise<RevisionModel> {
    const hash = await hashes.get(revisionId, () => revisionHash(tools.sql, revisionId));
    return revisionModel(tools.sql, revisionId, hash);
  }

  /** Without database it waits, until the task is stopped. */
  async function modelOf(task: LiveTask): Promise<RevisionModel> {
    for (;;) {
      try {
        return await findModel(task.claim.revisionId);
      } catch (error) {
        if (!isRetryable(error) || task.cause !== null) throw error;
        await sleep(RETRY_MS);
      }
    }
  }

  const followers = new WeakMap<RevisionModel, readonly Followers[]>();
  function followersOf(model: RevisionModel, ordinal: number): Followers {
    let known = followers.get(model);
    if (known === undefined) {
      known = allFollowers(model);
      followers.set(model, known);
    }
    return known[ordinal] ?? NO_FOLLOWERS;
  }

  return {
    async execute(task: LiveTask): Promise<Outcome> {
      let model: RevisionModel;
      try {
        model = await modelOf(task);
      } catch (error) {
        return notStarted(task, error instanceof Error ? error.message : String(error));
      }
      const { each, ordinal } = task.claim;
      // Nothing follows a task run of a list but its own task, which takes no slot.
      task.followers = each === null ? followersOf(model, ordinal) : NO_FOLLOWERS;
      const taskId = model.taskIds[each?.of ?? ordinal] ?? "";
      const spec: TaskSpec | undefined = model.spec.tasks[taskId];
      const plugin = spec === undefined ? undefined : taskPlugin(spec.type);
      if (spec === undefined || plugin === undefined) {
        return notStarted(task, `This runner does not know the task type "${spec?.type}".`);
      }
      if ("instant" in plugin) return { kind: "succeeded" };
      return new Attempt(tools, task, model, taskId, spec).execute(plugin);
    },
  };
}

/** By ordinal. */
function allFollowers({ spec, taskIds, parents, children }: RevisionModel): Followers[] {
  const needsSlot = taskIds.map((id) => {
    const type = spec.tasks[id]?.type ?? "";
    return !instantTypes.includes(type) && !slotlessTypes.has(type);
  });
  return children.map((own) => {
    const found = own.filter((child) => needsSlot[child]);
    const likely = found.reduce((sum, child) => sum + 1 / (parents[child]?.length ?? 1), 0);
    return { most: found.length, likely };
  });
}

function notStarted(task: LiveTask, message: string): Outcome {
  if (task.cause === null) return { kind: "failed", error: { kind: "start", message } };
  return { kind: task.cause, error: { kind: "lost", message } };
}
