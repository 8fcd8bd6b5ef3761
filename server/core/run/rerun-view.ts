/** Plans of reruns and the certificates that prove them, as pages and programs see them. */
import type { Json } from "../flow/spec.ts";
import type { TaskState } from "./states.ts";

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
