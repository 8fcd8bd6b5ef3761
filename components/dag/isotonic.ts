/**
 * Places points on a line so that each stays as near as possible to where it wants to be while
 * keeping its distance from the one before: minimises Σ weight·(y − wanted)² subject to
 * y[i] ≥ y[i−1] + gap[i]. Runs in linear time (pool adjacent violators).
 *
 * @param wanted wished positions, in the order that must be kept
 * @param gap    least distance to the previous point; `gap[0]` is ignored
 * @param weight how much a point resists being moved, > 0
 * @returns positions in the same order
 * Source: Barlow et al., "Statistical Inference under Order Restrictions" (1972), chapter 1
 */
export function placeInOrder(
  wanted: readonly number[],
  gap: readonly number[],
  weight: readonly number[],
): number[] {
  const offsets: number[] = [];
  let offset = 0;
  for (let i = 0; i < wanted.length; i++) {
    if (i > 0) offset += gap[i] ?? 0;
    offsets.push(offset);
  }
  // Blocks of points that touch each other; a block sits at the weighted mean of its wishes.
  const sums: number[] = [];
  const weights: number[] = [];
  const sizes: number[] = [];
  for (let i = 0; i < wanted.length; i++) {
    const w = weight[i] ?? 1;
    let sum = w * ((wanted[i] ?? 0) - (offsets[i] ?? 0));
    let total = w;
    let size = 1;
    while (sums.length > 0) {
      const before = (sums.at(-1) ?? 0) / (weights.at(-1) ?? 1);
      if (before <= sum / total) break;
      sum += sums.pop() ?? 0;
      total += weights.pop() ?? 0;
      size += sizes.pop() ?? 0;
    }
    sums.push(sum);
    weights.push(total);
    sizes.push(size);
  }
  const result: number[] = [];
  sums.forEach((sum, block) => {
    const base = sum / (weights[block] ?? 1);
    for (let k = 0; k < (sizes[block] ?? 0); k++) {
      result.push(base + (offsets[result.length] ?? 0));
    }
  });
  return result;
}
