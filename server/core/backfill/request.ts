import type { Json } from "../flow/spec.ts";
import type { Span } from "../schedule/ticks.ts";
import type { BackfillOrder, Reprocess } from "./states.ts";
import type { BackfillSource } from "./view.ts";

/**
 * What was asked for, with everything that was left open filled in: the plan can be made again from
 * it and from the runs that there are.
 */
export interface BackfillRequest {
  flow: string;
  revision: number;
  source: BackfillSource;
  timezone: string;
  /** All parameters of the runs; in a backfill over sets, what is common to them, as given. */
  params: Record<string, Json>;
  /** Only with `source.kind` "intervals". */
  spans?: Span[];
  /** Only with `source.kind` "sets": all parameters of each. */
  sets?: Record<string, Json>[];
  order: BackfillOrder;
  concurrency: number;
  reprocess: Reprocess;
  canary: number | null;
  stopAfter: number | null;
}
