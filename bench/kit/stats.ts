/** Order statistics of small samples. Units are the caller's. */

export interface Summary {
  count: number;
  min: number;
  p50: number;
  p95: number;
  p99: number;
  max: number;
}

/**
 * Nearest-rank percentile: the least value with at least `p` of the sample at or below it.
 * @param p from 0 (the minimum) to 1 (the maximum)
 * @throws RangeError when the sample is empty or `p` is out of range
 */
export function percentile(values: readonly number[], p: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`${p} is no percentile`);
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(sorted.length * p) - 1)];
  if (value === undefined) throw new RangeError("an empty sample has no percentile");
  return value;
}

/**
 * What `count` values in a row add up to, for each whole group of the sample: what as many steps one after
 * the other cost, with the slow ones among them, which `count` times a median leaves out.
 * @throws RangeError when there are fewer values than `count`
 */
export function sumsOf(values: readonly number[], count: number): number[] {
  const groups = Math.floor(values.length / count);
  if (groups === 0) throw new RangeError(`${values.length} values make no group of ${count}`);
  return Array.from({ length: groups }, (_, group) =>
    values.slice(group * count, (group + 1) * count).reduce((sum, value) => sum + value, 0),
  );
}

export const median = (values: readonly number[]): number => percentile(values, 0.5);

/** @throws RangeError when the sample is empty */
export function summarise(values: readonly number[]): Summary {
  return {
    count: values.length,
    min: percentile(values, 0),
    p50: percentile(values, 0.5),
    p95: percentile(values, 0.95),
    p99: percentile(values, 0.99),
    max: percentile(values, 1),
  };
}

/**
 * How far the same thing moved while it was measured several times: the distance between the lowest
 * and the highest block median, as a share of the median of all. 0 is no movement.
 */
export function drift(blocks: readonly (readonly number[])[]): number {
  const medians = blocks.map(median);
  return (percentile(medians, 1) - percentile(medians, 0)) / median(blocks.flat());
}
