/** Messages between a runner and a worker process. JSON over the IPC channel. */
import type { TaskInput } from "#sdk/protocol.ts";
import type { Json } from "../../core/flow/spec.ts";

export type ToWorker =
  | {
      type: "run";
      /** Path of the bundle. */
      bundle: string;
      handler: string;
      input: TaskInput;
      /** The whole environment of the attempt. */
      environment: Record<string, string>;
      /** Until when the lease allows the start (clock of leases). */
      until: number;
    }
  /** Abort the signal of the running function. */
  | { type: "abort" };

export type FromWorker =
  | { type: "done"; output: Json; spawned: boolean }
  | { type: "failed"; message: string; kind: "exception" | "start"; spawned: boolean }
  /** The lease had run out before the function could start. */
  | { type: "refused" };
