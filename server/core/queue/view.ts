/** What people and programs see of the queue and its pools. Times are ISO 8601 in UTC. */
import type { BackfillWait } from "#server/core/backfill/wait.ts";
import type { WaitReason } from "#server/core/run/view.ts";

/** How much of a stretch of time something was full, from samples. */
export interface Saturation {
  /** 0…1. */
  share: number;
  /** The stretch in milliseconds, an hour at most: shorter while Idem has not been up for that long. */
  ofMs: number;
}

export interface PoolView {
  name: string;
  /** Most tasks at a time; null: any number. */
  slots: number | null;
  /** Tasks of the pool that hold a slot now. */
  running: number;
  /** Ready tasks of the pool. */
  ready: number;
  oldestReadyAt: string | null;
  /** How long all of its slots were in use; null without slots or samples. */
  full: Saturation | null;
  changedAt: string | null;
  changedBy: string | null;
}

/** Ready tasks that wait behind each other, and why the first of them does not run. */
export interface WaitGroup {
  pool: string;
  /** Label that a runner must have; null: any runner will do. */
  label: string | null;
  ready: number;
  oldestReadyAt: string | null;
  waits: WaitReason[];
  /** The next ones in line, at most five. */
  next: WaitingTask[];
}

export interface WaitingTask {
  run: string;
  flow: string;
  flowName: string | null;
  task: string;
  taskName: string | null;
  priority: number;
  readyAt: string | null;
}

/** Runs of a flow that are held back. */
export interface HeldFlow {
  flow: string;
  flowName: string | null;
  held: number;
  active: number;
  /** Most active runs; null: the held ones take their turn after earlier runs of their schedule. */
  limit: number | null;
  oldestAt: string;
}

/** Rows of a started backfill that have no run yet. */
export interface WaitingBackfill {
  id: string;
  flow: string;
  flowName: string | null;
  /** Its rows are parameter sets instead of intervals. */
  overSets: boolean;
  waiting: number;
  waits: BackfillWait;
  startedAt: string;
}

/** The queue at one moment. */
export interface QueuePoint {
  at: string;
  ready: number;
  running: number;
  slots: number;
  /** Attempts that ended per minute since the point before; null for the first. */
  perMinute: number | null;
}

export interface QueueView {
  ready: number;
  /** Tasks that hold a slot. */
  running: number;
  /** Tasks that run without a slot. */
  besides: number;
  retryWait: number;
  /** Held runs. */
  held: number;
  /** Slots of all active runners. */
  slots: number;
  oldestReadyAt: string | null;
  /** Attempts that ended per minute, over the last minute that is known; null when it is not. */
  perMinute: number | null;
  /** How long all slots of all runners were in use. */
  full: Saturation | null;
  pools: PoolView[];
  groups: WaitGroup[];
  heldFlows: HeldFlow[];
  /** Oldest first, at most 50. */
  backfills: WaitingBackfill[];
  /** The last hour, oldest first, at most 120. */
  points: QueuePoint[];
  now: string;
}

/** Why tasks of one run wait. */
export interface RunWaits {
  /** Tasks that have not ended and do not run, by ordinal, at most 1,000. */
  tasks: { task: string; waits: WaitReason[] }[];
  /** What keeps the whole run from going on; empty while some task runs or the run has ended. */
  run: WaitReason[];
}
