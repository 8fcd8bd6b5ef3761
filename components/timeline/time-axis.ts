import { scaleLinear } from "d3-scale";

/** Distances between marks that people count in, in milliseconds. */
const steps = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000,
  300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 28_800_000, 43_200_000,
  86_400_000,
];

export interface TimeAxis {
  /** Position in pixels of an instant in epoch milliseconds. */
  x: (at: number) => number;
  /** Marks as milliseconds since the start, with their positions. */
  marks: { after: number; x: number }[];
}

/**
 * An axis from `start` to `end` over `width` pixels.
 * @param spacing least distance between two marks in pixels
 */
export function timeAxis(start: number, end: number, width: number, spacing = 72): TimeAxis {
  const scale = scaleLinear().domain([start, end]).range([0, width]);
  const span = end - start;
  const wanted = (span * spacing) / Math.max(1, width);
  const days = 86_400_000;
  const step = steps.find((size) => size >= wanted) ?? Math.ceil(wanted / days) * days;
  const marks: TimeAxis["marks"] = [];
  for (let after = 0; after <= span; after += step) marks.push({ after, x: scale(start + after) });
  return { x: (at) => scale(at), marks };
}
