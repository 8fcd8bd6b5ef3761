/** The same questions to a long list, asked over and over in turn. */

import type { Measured } from "../report/figure.ts";
import { drift, percentile, summarise } from "./stats.ts";

export interface Question {
  id: string;
  name: string;
  /** @param sample counts from 0; deep pages take another depth each time */
  ask(sample: number): Promise<void>;
  /** The question whose p95 this one may exceed by a fifth only. */
  deepOf?: string;
  /** Left out for a figure that is told without a bound. */
  boundMs?: number;
}

const DEEP_RATIO = 1.2;
const WARM_UP = 20;
const BLOCKS = 4;

/**
 * Asks all questions in turn, so that a slow moment of the machine hits all of them alike.
 * @returns one figure for each question: the p95 of its times in milliseconds
 */
export async function askInTurn(
  questions: readonly Question[],
  samples: number,
  how: string,
): Promise<Measured[]> {
  const times = new Map(questions.map(({ id }) => [id, [] as number[]]));
  for (let sample = -WARM_UP; sample < samples; sample++) {
    for (const { id, ask } of questions) {
      const began = performance.now();
      await ask(sample + WARM_UP);
      if (sample >= 0) times.get(id)?.push(performance.now() - began);
    }
  }
  const p95 = (id: string) => percentile(times.get(id) ?? [], 0.95);
  return questions.map(({ id, name, deepOf, boundMs }): Measured => {
    const { min, max, p50, p95: value } = summarise(times.get(id) ?? []);
    const figure = {
      ...{ id, name: `${name}, p95`, unit: "ms" as const, value },
      range: [min, max] as const,
      how: `${how}, ${samples} times`,
      detail: { p50 },
    };
    if (deepOf !== undefined) {
      return {
        ...figure,
        limit: {
          name: "the first page, p95",
          value: p95(deepOf),
          drift: drift(blocksOf(times.get(deepOf) ?? [])),
        },
        target: { kind: "ratio", atMost: DEEP_RATIO },
      };
    }
    return boundMs === undefined
      ? figure
      : { ...figure, target: { kind: "value", atMost: boundMs } };
  });
}

/** Consecutive parts of a sample, as if it had been measured several times. */
function blocksOf(values: readonly number[]): number[][] {
  const size = Math.ceil(values.length / BLOCKS);
  return Array.from({ length: BLOCKS }, (_, i) => values.slice(i * size, (i + 1) * size));
}

/**
 * Ids to page from, spread evenly over the older nine tenths of a history, never twice the same.
 * @param highest the newest id; ids count up from 1
 */
export function deepCursor(highest: number, sample: number): string {
  // Multiples of the golden ratio fill an interval evenly, whatever their number.
  const share = (sample * 0.618_033_988_749_895) % 1;
  return String(Math.floor(highest * (0.05 + 0.85 * share)));
}
