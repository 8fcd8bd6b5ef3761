/** What one measurement says: a value beside its limit, and whether the target is met. */

export type Unit = "ms" | "s" | "per s" | "MB";

/** What the machine could do at best, in the unit of the figure. */
export interface Limit {
  name: string;
  value: number;
  /**
   * Movement of the limit while it was measured in the same run, as a share of it; see `drift`.
   * Null for a limit that is computed and not measured.
   */
  drift: number | null;
}

export type Target =
  /** The value against its limit. */
  | { kind: "ratio"; atMost: number }
  | { kind: "ratio"; atLeast: number }
  /** The value itself, in its own unit. */
  | { kind: "value"; atMost: number };

export interface Measured {
  /** Stable name for comparisons between runs, such as `hand-off.p50`. */
  id: string;
  name: string;
  unit: Unit;
  value: number;
  /** Lowest and highest of the repeats that `value` stands for. */
  range: readonly [low: number, high: number];
  limit?: Limit;
  target?: Target;
  /** How it was measured, for people: sizes, slots, what is included. */
  how: string;
  /** Further numbers worth keeping, by name. */
  detail?: Readonly<Record<string, number>>;
}

export interface Figure extends Measured {
  /** Value over limit; null without a limit. */
  ratio: number | null;
  /** Null without a target. */
  pass: boolean | null;
}

/** @throws Error when a ratio is asked for and there is no limit to divide by */
export function judge(measured: Measured): Figure {
  const { limit, target, value } = measured;
  const ratio = limit === undefined ? null : value / limit.value;
  if (target === undefined) return { ...measured, ratio, pass: null };
  const judged = target.kind === "value" ? value : ratio;
  if (judged === null) throw new Error(`${measured.id} has a target but no limit`);
  const pass = "atMost" in target ? judged <= target.atMost : judged >= target.atLeast;
  return { ...measured, ratio, pass };
}
