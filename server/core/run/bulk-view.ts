/** Bulk actions: what people and programs see of reruns and cancellations of many runs at once. */
import { BACKFILL_PRIORITY } from "../backfill/states.ts";
import type { Page } from "../page.ts";
import type { IntervalView, RunFilter } from "./view.ts";

/** Most runs that one bulk action acts upon. */
export const MAX_BULK_RUNS = 10_000;

/** Its reruns go behind scheduled runs and what people start one by one, as backfills do. */
export const BULK_PRIORITY = BACKFILL_PRIORITY;

export const bulkKinds = ["rerun", "cancel"] as const;
export type BulkKind = (typeof bulkKinds)[number];

export const bulkStates = ["pending", "done", "skipped", "failed"] as const;
export type BulkState = (typeof bulkStates)[number];

/** What a bulk action would act upon; sent back with the order, so that a stale count is refused. */
export interface BulkPreview {
  kind: BulkKind;
  /** Matching runs that can be acted upon: ended ones for reruns, live ones to cancel. Counted up to 10,001. */
  count: number;
  /** The newest run there was. */
  highWater: string;
}

/** A filter of runs as it stands in the database: what is absent filters nothing. */
export type StoredFilter = {
  [Key in keyof RunFilter]: Exclude<RunFilter[Key], undefined>;
};

export interface BulkView {
  id: string;
  kind: BulkKind;
  scope: "all" | "failed" | null;
  /** As it was sent. */
  filter: StoredFilter;
  reason: string | null;
  total: number;
  /** From the items' rows; they always sum to the total. */
  counts: Record<BulkState, number>;
  createdBy: string;
  createdAt: string;
  stoppedAt: string | null;
  /** When the last item left `pending`. */
  finishedAt: string | null;
}

/** A page of bulk actions, newest first. */
export interface BulkList extends Page<BulkView> {
  /** Database time when this was read. */
  now: string;
}

export interface BulkItemView {
  run: string;
  flow: string;
  flowName: string | null;
  interval: IntervalView | null;
  timezone: string;
  state: BulkState;
  /** The rerun that was made. */
  newRun: string | null;
  /** Why it was skipped or failed. */
  code: string | null;
  message: string | null;
  endedAt: string | null;
}
