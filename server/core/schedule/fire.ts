import type { ScheduleSpec } from "../flow/spec.ts";
import { type Dropped, planDue } from "./catchup.ts";
import { decideOverlap } from "./overlap.ts";
import { type Span, spanOf, type TickClock } from "./ticks.ts";

/** A run to be created for a tick. Instants are milliseconds since 1970. */
export interface TickStart {
  tick: number;
  /** True when the tick was missed and is fired after all. */
  late: boolean;
  /** True when the run starts only once earlier runs of the schedule have ended. */
  held: boolean;
  span: Span | null;
}

export interface FirePlan {
  /** Runs that are cancelled in favour of a new one. */
  cancel: string[];
  starts: TickStart[];
  /** Ticks without a run, because an earlier run had not ended. */
  skipped: { tick: number; run: string }[];
  /** Ticks without a run, because they were missed and `catchup` drops them. */
  dropped: Dropped | null;
  /** The tick to look at next, possibly one that is due already; null when none is left. */
  next: number | null;
}

/**
 * Everything that the due ticks of one schedule bring about.
 * @param pending the first tick that has not been dealt with
 * @param now     ticks up to and including it are due
 * @param open    runs of the schedule that have not ended, oldest first
 */
export function planFire(
  clock: TickClock,
  { catchup, overlap }: Pick<ScheduleSpec, "catchup" | "overlap">,
  pending: number,
  now: number,
  open: readonly string[],
): FirePlan {
  const due = planDue(clock, catchup, pending, now);
  const plan: FirePlan = { cancel: [], starts: [], skipped: [], dropped: due.dropped, next: null };
  for (const { tick, late } of due.fire) {
    const isBehindNew = plan.starts.length > 0;
    // A tick that would skip or cancel for a run of this very plan is left to the next one, when
    // that run has an id.
    if (isBehindNew && !late && overlap !== "queue") return { ...plan, next: tick };
    const decision = decideOverlap(overlap, open, late);
    const held = isBehindNew || decision.action !== "start";
    switch (decision.action) {
      case "skip":
        plan.skipped.push({ tick, run: decision.run });
        continue;
      case "cancel":
        plan.cancel = decision.runs;
        break;
      case "start":
      case "wait":
        break;
    }
    plan.starts.push({ tick, late, held, span: spanOf(clock, tick) });
  }
  return { ...plan, next: due.next };
}
