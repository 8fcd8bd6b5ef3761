/** Readers of option values. */
import { Failure } from "./failure.ts";

/** A whole number of at least `least`. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new Failure("USAGE", `"${text}" is not a whole number from ${least} to ${most}.`);
  };
}

/** A number above zero. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value > 0) return value;
  throw new Failure("USAGE", `"${text}" is not a number above 0.`);
}
