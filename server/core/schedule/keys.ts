import { canonicalJson } from "../flow/canonical.ts";
import type { ScheduleSpec } from "../flow/spec.ts";

/** A schedule as an earlier revision left it. */
export interface KeyedSchedule {
  key: string;
  spec: ScheduleSpec;
  /** False when the revision before had dropped it. */
  live: boolean;
}

/**
 * Finds out which schedule of a new revision continues which one of the revisions before, so that a
 * pause and the record of ticks outlive an edit. Keys are "1", "2", … and are never given to another
 * schedule. First comes equal content, whether still live or dropped before; then what is left is
 * matched in order, as an edit of a live one; the rest is new.
 * @returns the key of each schedule, in order
 */
export function assignKeys(
  before: readonly KeyedSchedule[],
  after: readonly ScheduleSpec[],
): string[] {
  const free = [...before].sort((a, b) => Number(b.live) - Number(a.live) || compare(a, b));
  const keys = after.map((spec) => {
    const text = canonicalJson(spec);
    const at = free.findIndex((candidate) => canonicalJson(candidate.spec) === text);
    return at < 0 ? null : (free.splice(at, 1)[0]?.key ?? null);
  });
  const edited = free.filter((candidate) => candidate.live);
  let last = Math.max(0, ...before.map(({ key }) => Number(key)));
  return keys.map((key) => {
    if (key !== null) return key;
    const continued = edited.shift();
    if (continued !== undefined) return continued.key;
    last += 1;
    return String(last);
  });
}

function compare(a: KeyedSchedule, b: KeyedSchedule): number {
  return Number(a.key) - Number(b.key);
}
