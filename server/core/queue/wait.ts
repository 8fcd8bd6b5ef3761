/** Why a task waits, from facts alone: the one place that knows. */
import type { TaskState } from "../run/states.ts";
import type { WaitReason } from "../run/view.ts";

/** What is known of one task that has not ended. */
export interface TaskFacts {
  state: TaskState;
  /** Needs that have not ended. */
  needs: readonly string[];
  /** When the next attempt may start; only in `retry_wait`. */
  retryAt: string | null;
  /** True in `retry_wait` for a task that is tried apart from those that were lost with it. */
  apart: boolean;
  pool: string;
  /** Slots of the pool; null: any number. */
  poolSlots: number | null;
  /** Slots of the pool in use. */
  poolRunning: number;
  /** Empty: any runner will do. */
  label: string;
  takesSlot: boolean;
  /** Runners that are up. */
  runners: number;
  /** Those of them that have the label. */
  able: number;
  /** Free slots of those. */
  freeSlots: number;
}

/** What is known of its run. */
export interface HeldFacts {
  held: boolean;
  /** Earlier runs of its schedule that it waits for, oldest first. */
  earlierRuns: readonly string[];
  flow: string;
  /** Most active runs of its flow; null: any number. */
  limit: number | null;
  /** Active runs of its flow, when it has a limit. */
  active: number;
}

/**
 * Why a task does not run: everything that keeps it, the hardest to wait out first. Never empty for a
 * task that waits: when nothing keeps it, it is about to go on (`next`).
 */
export function whyWaits(task: TaskFacts, run: HeldFacts): WaitReason[] {
  switch (task.state) {
    case "retry_wait":
      if (task.apart) return [{ kind: "apart" }];
      return task.retryAt === null ? [{ kind: "next" }] : [{ kind: "retry", at: task.retryAt }];
    case "waiting":
      if (task.needs.length > 0) return [{ kind: "needs", tasks: [...task.needs] }];
      return orNext(run.held ? whyHeld(run) : []);
    case "ready":
      return orNext(whyReady(task));
    default:
      return [];
  }
}

function whyHeld({ earlierRuns, limit, active, flow }: HeldFacts): WaitReason[] {
  const reasons: WaitReason[] = [];
  if (earlierRuns.length > 0) reasons.push({ kind: "earlier_runs", runs: [...earlierRuns] });
  if (limit !== null && active >= limit) reasons.push({ kind: "flow_limit", flow, limit, active });
  return reasons;
}

function whyReady(task: TaskFacts): WaitReason[] {
  if (task.runners === 0) return [{ kind: "no_runner" }];
  const { pool, poolSlots: slots, poolRunning: running, label, takesSlot } = task;
  const reasons: WaitReason[] = [];
  if (task.able === 0) reasons.push({ kind: "label", label });
  if (takesSlot && slots !== null && running >= slots) {
    reasons.push({ kind: "pool", pool, slots, running });
  }
  if (takesSlot && task.able > 0 && task.freeSlots <= 0) reasons.push({ kind: "slot" });
  return reasons;
}

const orNext = (reasons: WaitReason[]): WaitReason[] =>
  reasons.length === 0 ? [{ kind: "next" }] : reasons;

/**
 * What keeps a whole run: the reasons of its tasks that do not wait for other tasks, each once.
 * @param states of all its tasks
 */
export function whyRunWaits(
  states: readonly TaskState[],
  tasks: readonly { waits: readonly WaitReason[] }[],
): WaitReason[] {
  if (states.includes("running")) return [];
  const unique = new Map<string, WaitReason>();
  for (const { waits } of tasks) {
    for (const reason of waits) {
      if (reason.kind !== "needs") unique.set(JSON.stringify(reason), reason);
    }
  }
  return [...unique.values()];
}
