/** A latency beside what one commit takes in the same run: its median, which is judged, and its tail. */
import { drift, summarise } from "../kit/stats.ts";
import type { Measured } from "./figure.ts";

export interface Latency {
  /** The figures are `<id>.p50` and `<id>.p99`. */
  id: string;
  name: string;
  /** Milliseconds, by repeat. */
  blocks: readonly (readonly number[])[];
  /** Milliseconds of single commits, taken before, between and after the repeats. */
  commits: readonly (readonly number[])[];
  /** Most commits that the median may take. */
  atMost: number;
  how: string;
}

export function latencyFigures(latency: Latency): Measured[] {
  const { id, name, blocks, commits, atMost, how } = latency;
  const all = summarise(blocks.flat());
  const commit = summarise(commits.flat());
  const figure = (which: "p50" | "p99"): Measured => {
    const values = blocks.map((block) => summarise(block)[which]);
    return {
      id: `${id}.${which}`,
      name: `${name}, ${which}`,
      unit: "ms",
      value: all[which],
      range: [Math.min(...values), Math.max(...values)],
      limit: {
        name: `one commit round trip, ${which}`,
        value: commit[which],
        drift: drift(commits),
      },
      how,
    };
  };
  return [{ ...figure("p50"), target: { kind: "ratio", atMost } }, figure("p99")];
}
