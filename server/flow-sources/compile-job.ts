import { isDeepStrictEqual } from "node:util";
import {
  type CompileResult,
  compileDocument,
  type FileContent,
  type FileMatches,
} from "#server/core/flow/compile.ts";
import type { Json } from "#server/core/flow/spec.ts";
import { parseWfcommons } from "#server/core/flow/wfcommons.ts";
import { taskTypes } from "#server/plugins/task-types.ts";
import { readDeclared, readEvaluated } from "./definition.ts";
import type { Evaluation } from "./evaluation.ts";
import { MAX_FILE_BYTES } from "./files.ts";
import { globFault, globMatches } from "./glob.ts";

/** A definition that somebody sent, to be compiled without a look at the disk. Can be cloned. */
export type CompileJob =
  | {
      kind: "declared";
      format: "yaml" | "xml";
      /** How problems name it. */
      file: string;
      text: string;
      files: readonly FileContent[];
    }
  | {
      kind: "evaluated";
      file: string;
      text: string;
      files: readonly FileContent[];
      bundle: Uint8Array;
      evaluation: Extract<Evaluation, { ok: true }>;
      /** What the sender says that the bundle evaluates to. */
      definition: Json;
    }
  | { kind: "wfcommons"; file: string; text: string; scale: number };

/** Compiles one definition: the work that may take seconds. Never throws for what is wrong with it. */
export async function runCompileJob(job: CompileJob): Promise<CompileResult> {
  if (job.kind === "wfcommons") {
    return compileDocument(parseWfcommons(job.text, job.file, job.scale), { types: taskTypes });
  }
  const { file, text, files } = job;
  const find = (patterns: readonly string[]) =>
    new Map(patterns.map((pattern) => [pattern, match(pattern, files)]));
  if (job.kind === "declared") return (await readDeclared(job.format, file, text, find)).result;
  const { bundle: code, evaluation } = job;
  if (isDeepStrictEqual(evaluation.definition, job.definition)) {
    const read = await readEvaluated(file, text, { code, evaluation, origin: () => null }, find);
    return read.result;
  }
  return {
    ok: false,
    problems: [
      {
        code: "BUNDLE_FAILED",
        message: "The bundle gives another definition here than where it was made.",
        fix: "Build the definition without clock, chance or environment, and push it again.",
        position: { file, line: 1, column: 1 },
      },
    ],
  };
}

function match(pattern: string, files: readonly FileContent[]): FileMatches {
  const fault = globFault(pattern);
  if (fault !== null) return { ok: false, ...fault };
  const matched = files.filter(({ path }) => globMatches(pattern, path));
  const bytes = matched.reduce((sum, file) => sum + file.bytes.byteLength, 0);
  if (bytes <= MAX_FILE_BYTES) return { ok: true, files: matched };
  return {
    ok: false,
    code: "TOO_LARGE",
    message: `The files are larger than ${MAX_FILE_BYTES >> 20} MB together.`,
    fix: "Name only what the tasks need; keep large data under $IDEM_DATA.",
  };
}
