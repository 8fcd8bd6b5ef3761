import type { Position, Problem } from "#server/core/errors.ts";
import {
  type CompileResult,
  compileDocument,
  type FileMatches,
  filePatterns,
} from "#server/core/flow/compile.ts";
import {
  type LocatedDocument,
  lineIndex,
  MAX_SOURCE_BYTES,
} from "#server/core/flow/read/located.ts";
import { parseXml } from "#server/core/flow/xml/xml.ts";
import { parseYaml } from "#server/core/flow/yaml/yaml.ts";
import { taskTypes } from "#server/plugins/task-types.ts";
import type { BundlePlace, Evaluation } from "./evaluation.ts";
import { type CallSites, typescriptDocument, withoutEchoes } from "./typescript-document.ts";

export type DefinitionFormat = "yaml" | "xml" | "typescript";

/** A definition as read from wherever it came, compiled as far as possible. */
export interface ReadDefinition {
  /** Null when there is nothing that could be read. */
  document: LocatedDocument | null;
  /** By pattern under `files`. */
  files: ReadonlyMap<string, FileMatches>;
  result: CompileResult;
}

/** Finds what the patterns under `files` match. */
export type FindFiles = (
  patterns: readonly string[],
) => ReadonlyMap<string, FileMatches> | Promise<ReadonlyMap<string, FileMatches>>;

/** Compiles a definition in YAML or XML. @param file how problems name it */
export async function readDeclared(
  format: "yaml" | "xml",
  file: string,
  text: string,
  find: FindFiles,
): Promise<ReadDefinition> {
  const problem = textProblem(file, text);
  if (problem !== null) return refused([problem]);
  return compile(parseDeclared(format, file, text), find);
}

/** Reads the text of a definition in YAML or XML. @param file how problems name it */
export function parseDeclared(format: "yaml" | "xml", file: string, text: string): LocatedDocument {
  return format === "yaml" ? parseYaml(text, file) : parseXml(text, file);
}

/** What evaluating the bundle of a TypeScript definition gave, and the bundle. */
export interface EvaluatedCode {
  code: Uint8Array;
  evaluation: Extract<Evaluation, { ok: true }>;
  /** The place in the sources that a place in the bundle comes from; null where that is not known. */
  origin(place: BundlePlace): Position | null;
}

/**
 * Compiles a TypeScript definition from what its bundle evaluated to.
 * @param text the source text; only places are taken from it
 */
export async function readEvaluated(
  file: string,
  text: string,
  { code, evaluation, origin }: EvaluatedCode,
  find: FindFiles,
): Promise<ReadDefinition> {
  const document = typescriptDocument(file, text, evaluation, () => sitesOf(evaluation, origin));
  const read = await compile(document, find, code);
  if (read.result.ok) return read;
  const problems = withoutEchoes(read.result.problems, document.problems);
  return { ...read, result: { ok: false, problems } };
}

function sitesOf(
  { sites }: Extract<Evaluation, { ok: true }>,
  origin: EvaluatedCode["origin"],
): CallSites {
  const tasks = new Map<string, Position>();
  for (const [id, place] of Object.entries(sites.tasks)) {
    const position = origin(place);
    if (position !== null) tasks.set(id, position);
  }
  return { flow: sites.flow === null ? null : origin(sites.flow), tasks };
}

async function compile(
  document: LocatedDocument,
  find: FindFiles,
  bundle?: Uint8Array,
): Promise<ReadDefinition> {
  const patterns = filePatterns(document);
  const files: ReadonlyMap<string, FileMatches> =
    patterns.length === 0 ? new Map() : await find(patterns);
  const result = compileDocument(document, {
    types: taskTypes,
    files,
    ...(bundle === undefined ? {} : { bundle }),
  });
  return { document, files, result };
}

export function refused(problems: Problem[]): ReadDefinition {
  return { document: null, files: new Map(), result: { ok: false, problems } };
}

/** What keeps a text from being read and stored at all, whatever its format. */
export function textProblem(file: string, text: string): Problem | null {
  if (Buffer.byteLength(text) > MAX_SOURCE_BYTES) {
    return {
      code: "TOO_LARGE",
      message: `The definition is larger than ${MAX_SOURCE_BYTES >> 20} MB.`,
      fix: "Split it into several flows.",
      position: { file, line: 1, column: 1 },
    };
  }
  const nul = text.indexOf("\0");
  if (nul === -1) return null;
  return {
    code: "SYNTAX",
    message: "The file holds a NUL character.",
    fix: "Save it as plain text in UTF-8.",
    position: lineIndex(file, text)(nul),
  };
}
