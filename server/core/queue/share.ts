/**
 * Low priorities still progress: of every eight that are taken while higher priorities fill the
 * places, at least one comes from below the highest. The same rule holds for the tasks that a runner
 * takes, for those that a limited pool lets start, and for the held runs that a flow lets go.
 */
export const SHARE = 8;

/**
 * How many of the next `most` have to come from below the highest priority.
 * @param turns how many have been taken since the last one that came from below, 0…7 or a few more
 */
export function dueFromBelow(turns: number, most: number): number {
  return Math.floor((turns + most) / SHARE);
}

/** The count to go on with after `taken` more. */
export function nextTurns(turns: number, taken: number): number {
  return (turns + taken) % SHARE;
}

/** A held run that could start. */
export interface HeldRun {
  /** Decimal; a smaller one is older. */
  id: string;
  priority: number;
}

/**
 * Which held runs of a flow start now: by priority, older ones first; one of eight is the oldest of
 * those below the highest priority.
 * @param room  how many may start
 * @param turns runs let go since one came from below
 * @returns the runs in the order in which they start, and the count to go on with
 */
export function chooseRuns<T extends HeldRun>(
  held: readonly T[],
  room: number,
  turns: number,
): { chosen: T[]; turns: number } {
  const byAge = [...held].sort((a, b) => compareIds(a.id, b.id));
  const left = [...byAge].sort((a, b) => b.priority - a.priority);
  const chosen: T[] = [];
  let count = turns;
  while (chosen.length < room) {
    const [first] = left;
    if (first === undefined) break;
    const isDue = dueFromBelow(count, 1) > 0;
    const below = isDue
      ? byAge.find((run) => run.priority < first.priority && left.includes(run))
      : undefined;
    const next = below ?? first;
    left.splice(left.indexOf(next), 1);
    chosen.push(next);
    count = nextTurns(count, 1);
  }
  return { chosen, turns: count };
}

function compareIds(a: string, b: string): number {
  const [x, y] = [BigInt(a), BigInt(b)];
  if (x === y) return 0;
  return x < y ? -1 : 1;
}
