import type { Range } from "./ranges.ts";
import type { FailureMatch } from "./spec.ts";

/** A rule as its author would write it: `timed_out`, `exit:75`, `http:500-599`. */
export function failureNames(match: FailureMatch): string[] {
  const codes = (word: string, ranges: readonly Range[] = []) =>
    ranges.map(([from, to]) => (from === to ? `${word}:${from}` : `${word}:${from}-${to}`));
  return [
    ...(match.failed === true ? ["failed"] : []),
    ...(match.timedOut === true ? ["timed_out"] : []),
    ...codes("exit", match.exit),
    ...codes("http", match.http),
  ];
}
