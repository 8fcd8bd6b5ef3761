import type { Position, Problem } from "#server/core/errors.ts";
import {
  type FindFiles,
  type ReadDefinition,
  readEvaluated,
  refused,
  textProblem,
} from "./definition.ts";
import { evaluateBundle } from "./evaluate.ts";
import type { BundlePlace, Evaluation } from "./evaluation.ts";

export interface BundledCode {
  code: Uint8Array;
  /** The place in the sources that a place in the bundle comes from; null where that is not known. */
  origin(place: BundlePlace): Position | null;
}

/** Evaluates a bundle. @returns what it gave, or what keeps the definition from being read */
export async function evaluateDefinition(
  file: string,
  text: string,
  bundle: BundledCode,
): Promise<Extract<Evaluation, { ok: true }> | { ok: false; problem: Problem }> {
  const problem = textProblem(file, text);
  if (problem !== null) return { ok: false, problem };
  const evaluation = await evaluateBundle(bundle.code);
  if (evaluation.ok) return evaluation;
  const place = evaluation.place === null ? null : bundle.origin(evaluation.place);
  return {
    ok: false,
    problem: {
      code: "BUNDLE_FAILED",
      message: evaluation.message,
      fix: "Correct the code that builds the definition; work belongs into the tasks.",
      position: place ?? { file, line: 1, column: 1 },
    },
  };
}

/**
 * Compiles a TypeScript definition from its bundle.
 * @param text the source text; only places are taken from it
 * @param onEvaluated told what the bundle gave, before it is compiled
 */
export async function readBundled(
  file: string,
  text: string,
  bundle: BundledCode,
  find: FindFiles,
  onEvaluated: (evaluation: Extract<Evaluation, { ok: true }>) => void,
): Promise<ReadDefinition> {
  const evaluation = await evaluateDefinition(file, text, bundle);
  if (!evaluation.ok) return refused([evaluation.problem]);
  onEvaluated(evaluation);
  return readEvaluated(file, text, { ...bundle, evaluation }, find);
}
