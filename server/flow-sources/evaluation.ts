/** What the child process that runs a bundle tells about the definition in it. JSON. */
import type { Json } from "#server/core/flow/spec.ts";

export type Evaluation =
  | {
      ok: true;
      /** The definition without its functions: a task with one is `{ type: "function", handler }`. */
      definition: Json;
      /** Values that JSON cannot hold; they are null in the definition. */
      faults: { path: string[]; is: string }[];
      sites: { flow: BundlePlace | null; tasks: Record<string, BundlePlace> };
    }
  | { ok: false; message: string; place: BundlePlace | null };

/** A place in the bundle, both from 1. */
export interface BundlePlace {
  line: number;
  column: number;
}

/** Longest answer that is read, in bytes. */
export const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
