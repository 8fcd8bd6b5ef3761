import type { Segment } from "./ansi.ts";

/** A piece of a line that is, or is not, part of a search match. */
export interface MarkedSegment extends Segment {
  match: boolean;
}

/**
 * Cuts segments at every occurrence of `query`, also where one runs across colours.
 * Case is ignored as the server's search ignores it.
 */
export function markMatches(segments: readonly Segment[], query: string): MarkedSegment[] {
  const whole = segments.map((segment) => segment.text).join("");
  const ranges = findAll(whole, query);
  if (ranges.length === 0) return segments.map((segment) => ({ ...segment, match: false }));
  const marked: MarkedSegment[] = [];
  let start = 0;
  let next = 0;
  for (const segment of segments) {
    const end = start + segment.text.length;
    let at = start;
    while (at < end) {
      while (next < ranges.length && (ranges[next]?.[1] ?? 0) <= at) next++;
      const [from, to] = ranges[next] ?? [Infinity, Infinity];
      const inside = at >= from;
      const cut = Math.min(end, inside ? to : from);
      marked.push({ ...segment, text: whole.slice(at, cut), match: inside });
      at = cut;
    }
    start = end;
  }
  return marked;
}

function findAll(text: string, query: string): [number, number][] {
  const wanted = query.toLowerCase();
  if (wanted === "") return [];
  const lower = text.toLowerCase();
  // A few letters change their length in lower case; then positions would not fit.
  if (lower.length !== text.length) return [];
  const ranges: [number, number][] = [];
  for (let at = lower.indexOf(wanted); at !== -1; at = lower.indexOf(wanted, at + wanted.length)) {
    ranges.push([at, at + wanted.length]);
  }
  return ranges;
}

/**
 * The next or previous of `lines`, round the ends.
 * @param current the match stood on, or null to begin at `fromLine`
 */
export function stepMatch(
  lines: readonly number[],
  current: number | null,
  by: 1 | -1,
  fromLine: number,
): number | null {
  const count = lines.length;
  if (count === 0) return null;
  const at = current === null ? -1 : lines.indexOf(current);
  if (at >= 0) return lines[(at + by + count) % count] ?? null;
  const after = lines.findIndex((line) => line >= fromLine);
  if (by === 1) return lines[Math.max(0, after)] ?? null;
  return lines[((after === -1 ? count : after) + count - 1) % count] ?? null;
}
