import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { basename, dirname, extname } from "node:path";
import type { Position, Problem } from "#server/core/errors.ts";
import { type FileContent, filePatterns } from "#server/core/flow/compile.ts";
import { MAX_SOURCE_BYTES } from "#server/core/flow/read/located.ts";
import type { Json } from "#server/core/flow/spec.ts";
import { bundleFlow } from "./bundle.ts";
import {
  type DefinitionFormat,
  type FindFiles,
  parseDeclared,
  type ReadDefinition,
  readDeclared,
  refused,
} from "./definition.ts";
import { matchFiles } from "./files.ts";
import { readBundled } from "./read-bundled.ts";

/** A definition read from disk. */
export interface LoadedDefinition extends ReadDefinition {
  format: DefinitionFormat;
  /** As far as it could be read. */
  text: string;
  /** Absolute paths of the modules that went into the bundle, the definition itself not among them. */
  modules: string[];
  /** TypeScript only: the bundle and the definition that it evaluated to. */
  bundled: { code: Uint8Array; definition: Json } | null;
}

/** The format that a file's name tells, or null when no definition is called like this. */
export function formatOf(path: string): DefinitionFormat | null {
  switch (extname(path).toLowerCase()) {
    case ".yaml":
    case ".yml":
      return "yaml";
    case ".xml":
      return "xml";
    case ".ts":
      return path.toLowerCase().endsWith(".flow.ts") ? "typescript" : null;
    default:
      return null;
  }
}

/**
 * Reads and compiles one definition with everything it names. Nothing is thrown for what is wrong
 * with it: problems say that.
 * @param path   absolute
 * @param nameOf how problems name a file: given its absolute path
 */
export async function loadDefinition(
  path: string,
  format: DefinitionFormat,
  nameOf: (path: string) => string,
): Promise<LoadedDefinition> {
  const file = nameOf(path);
  const loaded = { format, text: "", modules: [], bundled: null };
  const source = await readText(path, file);
  if ("code" in source) return { ...loaded, ...refused([source]) };
  const { text } = source;
  const find: FindFiles = (patterns) => matchFiles(dirname(path), patterns, basename(path));
  if (format !== "typescript") {
    return { ...loaded, text, ...(await readDeclared(format, file, text, find)) };
  }
  const bundle = await bundleFlow(path, text, nameOf);
  const modules = bundle.inputs.filter((input) => input !== path);
  if (!bundle.ok) return { ...loaded, text, modules, ...refused(bundle.problems) };
  let definition: Json = null;
  const read = await readBundled(file, text, bundle, find, (evaluation) => {
    definition = evaluation.definition;
  });
  return { ...loaded, text, modules, bundled: { code: bundle.code, definition }, ...read };
}

/** What a server needs of a definition in YAML or XML to compile it, or why it cannot be sent. */
export type ReadText =
  | { ok: true; text: string; files: FileContent[] }
  | { ok: false; problems: Problem[] };

/**
 * Reads one definition in YAML or XML and the files it names, without compiling it: whoever it is sent
 * to compiles it anyway, and a large one takes a second.
 * @param path absolute
 * @param file how problems name it
 */
export async function readUncompiled(
  path: string,
  format: "yaml" | "xml",
  file: string,
): Promise<ReadText> {
  const source = await readText(path, file);
  if ("code" in source) return { ok: false, problems: [source] };
  const { text } = source;
  // A key may be written with escapes in YAML; where there are none it stands as it is.
  if (!text.includes("files") && !text.includes("\\")) return { ok: true, text, files: [] };
  const document = parseDeclared(format, file, text);
  const matches = await matchFiles(dirname(path), filePatterns(document), basename(path));
  const found = new Map<string, FileContent>();
  for (const match of matches.values()) {
    if (!match.ok) return compiledProblems(path, format, file);
    for (const content of match.files) found.set(content.path, content);
  }
  return { ok: true, text, files: [...found.values()] };
}

/** Files that cannot be read are told of with their places, and with whatever else is wrong. */
async function compiledProblems(
  path: string,
  format: "yaml" | "xml",
  file: string,
): Promise<ReadText> {
  const { result } = await loadDefinition(path, format, () => file);
  // They can be read by now.
  return result.ok ? readUncompiled(path, format, file) : { ok: false, problems: result.problems };
}

async function readText(path: string, file: string): Promise<{ text: string } | Problem> {
  const position: Position = { file, line: 1, column: 1 };
  let handle: Awaited<ReturnType<typeof open>> | undefined;
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const facts = await handle.stat();
    if (facts.size > MAX_SOURCE_BYTES) {
      return {
        code: "TOO_LARGE",
        message: `The definition is larger than ${MAX_SOURCE_BYTES >> 20} MB.`,
        fix: "Split it into several flows.",
        position,
      };
    }
    const bytes = await handle.readFile();
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
    if (code === "ERR_ENCODING_INVALID_ENCODED_DATA") {
      return {
        code: "SYNTAX",
        message: "The file is not text in UTF-8.",
        fix: "Save it in UTF-8.",
        position,
      };
    }
    return {
      code: "FILE_NOT_FOUND",
      message: `The file cannot be read (${code}).`,
      fix: "Correct the path, and let the user who runs Idem read the file.",
      position,
    };
  } finally {
    await handle?.close();
  }
}
