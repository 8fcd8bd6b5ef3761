/** Inclusive ranges of whole numbers, ascending, without overlaps or neighbours that could be one. */
export type Range = [from: number, to: number];

/** The same set of numbers in one form. */
export function mergeRanges(ranges: readonly Range[]): Range[] {
  const merged: Range[] = [];
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

export function inRanges(value: number, ranges: readonly Range[]): boolean {
  return ranges.some(([from, to]) => from <= value && value <= to);
}

const STATUS_RANGE = /^([1-5]\d\d)-([1-5]\d\d)$/;
const STATUS_CLASS = /^([1-5])xx$/;

/**
 * Reads HTTP status codes: `200`, `200-299` or `2xx`.
 * @returns null for anything else, a range that runs backwards included
 */
export function parseStatusRange(text: string): Range | null {
  const digit = STATUS_CLASS.exec(text)?.[1];
  if (digit !== undefined) return [Number(digit) * 100, Number(digit) * 100 + 99];
  const range = STATUS_RANGE.exec(/^\d{3}$/.test(text) ? `${text}-${text}` : text);
  if (range === null) return null;
  const [from, to] = [Number(range[1]), Number(range[2])];
  return from <= to ? [from, to] : null;
}
