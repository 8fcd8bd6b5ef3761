/** Lines of a log, 1-based, both ends included. */
export interface LineRange {
  first: number;
  last: number;
}

/** Reads `#L120` and `#L120-L140` (also reversed). Null when the hash names no lines. */
export function parseLineHash(hash: string): LineRange | null {
  const match = /^#L(\d{1,9})(?:-L(\d{1,9}))?$/.exec(hash);
  if (!match) return null;
  const a = Number(match[1]);
  const b = match[2] === undefined ? a : Number(match[2]);
  if (a < 1 || b < 1) return null;
  return { first: Math.min(a, b), last: Math.max(a, b) };
}

/** The hash that `parseLineHash` reads back. */
export function lineHash({ first, last }: LineRange): string {
  return first === last ? `#L${first}` : `#L${first}-L${last}`;
}

/** What a click on a line number selects: that line, or with Shift all from where the range began. */
export function clickLine(range: LineRange | null, line: number, extend: boolean): LineRange {
  if (!extend || range === null) return { first: line, last: line };
  return line < range.first
    ? { first: line, last: range.last }
    : { first: range.first, last: line };
}
