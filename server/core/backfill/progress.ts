/** How many ended rows the pace is taken from. */
export const PACE_ROWS = 100;
/** Fewer say nothing. */
const LEAST_ROWS = 3;
const HOUR_MS = 3_600_000;

export interface Progress {
  /** Rows ended per hour; null while nothing can be said. */
  perHour: number | null;
  /** Milliseconds since 1970; null while nothing can be said. */
  eta: number | null;
}

/**
 * Pace and expected end of a backfill, from its latest rows that ended.
 * @param facts.ended   how many of the latest rows ended since `since`, at most PACE_ROWS
 * @param facts.since   when the first of these ended, or the backfill started or went on, whichever
 *   was later; milliseconds since 1970
 * @param facts.left    rows that have not ended
 * @param facts.moving  false while nothing new starts
 */
export function progressOf(facts: {
  ended: number;
  since: number;
  now: number;
  left: number;
  moving: boolean;
}): Progress {
  const { ended, since, now, left, moving } = facts;
  if (ended < LEAST_ROWS || now <= since || left === 0) return { perHour: null, eta: null };
  const perMs = ended / (now - since);
  return { perHour: perMs * HOUR_MS, eta: moving ? Math.round(now + left / perMs) : null };
}
