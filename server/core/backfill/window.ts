import type { BackfillState, RowCounts } from "./states.ts";

/** What the next step of a backfill depends on; all of it is read from rows. */
export interface WindowFacts {
  state: BackfillState;
  concurrency: number;
  stopAfter: number | null;
  /** Failures that somebody has seen and gone on after. */
  forgiven: number;
  counts: RowCounts;
  /** The chosen rows that must succeed before any other starts; null when there are none. */
  canary: Pick<RowCounts, "waiting" | "running" | "succeeded" | "failed" | "cancelled"> | null;
}

export type WindowMove =
  /** Every row has ended. */
  | { kind: "end"; state: "succeeded" | "failed" | "cancelled" }
  /** Nothing more starts until somebody says so. */
  | { kind: "pause"; pause: { kind: "canary" | "failures"; failed: number } }
  /** Start so many waiting rows, in order; `canary`: none but the first ones. */
  | { kind: "start"; rows: number; canary: boolean }
  | { kind: "rest" };

/** The one decision about a backfill: what happens next, given how its rows stand. */
export function nextMove(facts: WindowFacts): WindowMove {
  const { state, counts, canary, concurrency, stopAfter, forgiven } = facts;
  if (counts.waiting + counts.running === 0) return { kind: "end", state: endOf(state, counts) };
  if (state !== "running") return { kind: "rest" };
  // The last ones run: there is nothing left that could be held back.
  if (counts.waiting === 0) return { kind: "rest" };
  if (stopAfter !== null && counts.failed - forgiven >= stopAfter) {
    return { kind: "pause", pause: { kind: "failures", failed: counts.failed } };
  }
  const room = Math.max(0, concurrency - counts.running);
  if (canary !== null) {
    const lost = canary.failed + canary.cancelled;
    if (lost > 0) return { kind: "pause", pause: { kind: "canary", failed: lost } };
    if (canary.waiting + canary.running > 0) return start(Math.min(room, canary.waiting), true);
  }
  return start(Math.min(room, counts.waiting), false);
}

function start(rows: number, canary: boolean): WindowMove {
  return rows === 0 ? { kind: "rest" } : { kind: "start", rows, canary };
}

/** A backfill that was cancelled and lost at least one row to that ends cancelled, as runs do. */
function endOf(state: BackfillState, counts: RowCounts): "succeeded" | "failed" | "cancelled" {
  if (state === "cancelling" && counts.cancelled > 0) return "cancelled";
  return counts.failed + counts.cancelled > 0 ? "failed" : "succeeded";
}
