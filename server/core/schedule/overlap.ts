/** What a tick does when an earlier run of its schedule has not ended. */
export const overlaps = ["queue", "skip", "cancel"] as const;
export type Overlap = (typeof overlaps)[number];

export type OverlapDecision =
  /** Nothing is in the way. */
  | { action: "start" }
  /** A run is created and starts once the earlier ones have ended. */
  | { action: "wait" }
  /** No run is created; `run` is the newest one in the way. */
  | { action: "skip"; run: string }
  /** The earlier runs are cancelled; the new one starts once they have ended. */
  | { action: "cancel"; runs: string[] };

/**
 * Decides about one tick. Ticks that were missed and are fired after all always take their turn: it
 * is the catching up that makes them meet, and dropping or cancelling one for the next would undo it.
 * @param active runs of the schedule that have not ended, oldest first
 * @param late   whether the tick was missed
 */
export function decideOverlap(
  overlap: Overlap,
  active: readonly string[],
  late: boolean,
): OverlapDecision {
  const newest = active.at(-1);
  if (newest === undefined) return { action: "start" };
  if (late) return { action: "wait" };
  switch (overlap) {
    case "queue":
      return { action: "wait" };
    case "skip":
      return { action: "skip", run: newest };
    case "cancel":
      return { action: "cancel", runs: [...active] };
  }
}
