/** Reads and compiles definitions on this machine, with everything they name. */
import { isAbsolute, relative, resolve } from "node:path";
import type { Problem } from "#server/core/errors.ts";
import type { FileContent } from "#server/core/flow/compile.ts";
import type { CompiledFlow } from "#server/core/flow/spec.ts";
import type { DefinitionFormat } from "#server/flow-sources/definition.ts";
import {
  formatOf,
  type LoadedDefinition,
  loadDefinition,
  readUncompiled,
} from "#server/flow-sources/load.ts";
import { Failure } from "./failure.ts";

export interface LocalDefinition {
  /** As the person wrote it. */
  path: string;
  loaded: LoadedDefinition;
  flow: CompiledFlow;
}

/** Places are named as seen from where the command was given, where an editor can follow them. */
function namesFrom(cwd: string): (path: string) => string {
  return (path) => {
    const name = relative(cwd, path);
    return name.startsWith("..") || isAbsolute(name) ? path : name;
  };
}

/**
 * Compiles all files before anything is done with any of them.
 * @throws Failure USAGE for a file that cannot be a definition
 * @throws Failure INVALID_DEFINITION with the problems of all files together
 */
export async function loadAll(cwd: string, paths: readonly string[]): Promise<LocalDefinition[]> {
  const definitions: LocalDefinition[] = [];
  const problems: Problem[] = [];
  for (const path of paths) {
    const absolute = resolve(cwd, path);
    const format = requireFormat(path, absolute);
    const loaded = await loadDefinition(absolute, format, namesFrom(cwd));
    if (loaded.result.ok) definitions.push({ path, loaded, flow: loaded.result.flow });
    else problems.push(...loaded.result.problems);
  }
  if (problems.length > 0) {
    throw new Failure("INVALID_DEFINITION", "The definition has problems.", { problems });
  }
  return definitions;
}

/**
 * A single definition in YAML or XML for the server, which compiles it and tells what is wrong with it.
 * @returns null for one in TypeScript, which is bundled here
 * @throws Failure USAGE for a file that cannot be a definition
 * @throws Failure INVALID_DEFINITION when it, or a file that it names, cannot be read
 */
export async function readToPush(cwd: string, path: string) {
  const absolute = resolve(cwd, path);
  const format = requireFormat(path, absolute);
  if (format === "typescript") return null;
  const read = await readUncompiled(absolute, format, namesFrom(cwd)(absolute));
  if (!read.ok) {
    throw new Failure("INVALID_DEFINITION", "The definition has problems.", {
      problems: read.problems,
    });
  }
  return { format, path, text: read.text, files: read.files.map(toSent) };
}

function requireFormat(path: string, absolute: string): DefinitionFormat {
  const format = formatOf(absolute);
  if (format !== null) return format;
  throw new Failure("USAGE", `${path} is not called like a definition.`, {
    fix: "Definitions end in .yaml, .yml, .xml or .flow.ts.",
  });
}

function toSent({ path, bytes, executable }: FileContent) {
  return { path, base64: Buffer.from(bytes).toString("base64"), executable };
}

/** What the server needs to compile the definition again without this machine's disk. */
export function toPush({ path, loaded, flow }: LocalDefinition) {
  const found = [...loaded.files.values()].flatMap((matches) => (matches.ok ? matches.files : []));
  // Two patterns may match the same file.
  const files = new Map(found.map((file) => [file.path, file]));
  return {
    format: loaded.format,
    path,
    text: flow.source.text,
    files: [...files.values()].map(toSent),
    ...(loaded.bundled === null
      ? {}
      : {
          bundle: Buffer.from(loaded.bundled.code).toString("base64"),
          definition: loaded.bundled.definition,
        }),
  };
}
