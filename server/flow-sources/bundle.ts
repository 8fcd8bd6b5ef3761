import { realpathSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { SourceMap } from "node:module";
import { basename, dirname, isAbsolute, join, relative, sep } from "node:path";
import { type BuildFailure, build, type Message, type Plugin } from "esbuild";
import type { DefinitionCode, Position, Problem } from "#server/core/errors.ts";
import { productFile } from "./product-files.ts";

/** Largest bundle that is stored with a revision. */
export const MAX_BUNDLE_BYTES = 10 * 1024 * 1024;

export type BundleResult =
  | {
      ok: true;
      /** One ES module. Equal sources give equal bytes, wherever they lie. */
      code: Uint8Array;
      /** Absolute paths of all modules in it. */
      inputs: string[];
      /** The place in the sources that a place in the bundle comes from; null for none. */
      origin(place: { line: number; column: number }): Position | null;
    }
  | { ok: false; problems: Problem[]; inputs: string[] };

/**
 * Bundles a TypeScript flow with all that it imports but Node's own modules.
 * @param path absolute path of the `.flow.ts` file; neither it nor the name gets into the bundle
 * @param text what the file holds
 * @param name how problems name a file: given its absolute path
 */
export async function bundleFlow(
  path: string,
  text: string,
  name: (file: string) => string,
): Promise<BundleResult> {
  // esbuild resolves links to modules: relative paths to them must begin at the real folder as well.
  const folder = realpathSync(dirname(path));
  const fileOf = (input: string) => (input === ENTRY ? path : join(folder, input));
  try {
    const result = await build({
      entryPoints: [ENTRY],
      absWorkingDir: folder,
      outfile: join(folder, "bundle.mjs"),
      write: false,
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node20.19",
      sourcemap: "external",
      sourcesContent: false,
      metafile: true,
      charset: "utf8",
      legalComments: "none",
      logLevel: "silent",
      // Whatever tsconfig.json lies around must not change the bundle.
      tsconfigRaw: { compilerOptions: { target: "es2023", verbatimModuleSyntax: true } },
      plugins: [entryPlugin(text, folder), sdkPlugin()],
    });
    const doubled = result.warnings.filter(isOwnDuplicate);
    if (doubled.length > 0) {
      const named = (input: string) => name(fileOf(input));
      return { ok: false, problems: doubled.map((one) => toProblem(one, named)), inputs: [path] };
    }
    const inputs = Object.keys(result.metafile.inputs)
      .filter((input) => !input.startsWith(SDK))
      .map(fileOf);
    const code = result.outputFiles.find((file) => file.path.endsWith(".mjs"))?.contents;
    const map = result.outputFiles.find((file) => file.path.endsWith(".map"))?.text;
    if (code === undefined || map === undefined) throw new Error("esbuild gave no bundle.");
    if (code.byteLength > MAX_BUNDLE_BYTES) {
      const problem: Problem = {
        code: "TOO_LARGE",
        message: `The bundle of the flow and its imports is larger than ${MAX_BUNDLE_BYTES >> 20} MB.`,
        fix: "Import less, or move the work into a script.",
        position: { file: name(path), line: 1, column: 1 },
      };
      return { ok: false, problems: [problem], inputs };
    }
    return { ok: true, code, inputs, origin: originFinder(map, (input) => name(fileOf(input))) };
  } catch (error) {
    const messages = (error as Partial<BuildFailure>).errors;
    if (!Array.isArray(messages) || messages.length === 0) throw error;
    return {
      ok: false,
      problems: messages.map((message) => toProblem(message, (input) => name(fileOf(input)))),
      inputs: [path],
    };
  }
}

/** How the bundle names its first module, whatever the file is called. */
const ENTRY = "idem-flow:flow.ts";
const SDK = "idem-sdk:";

function entryPlugin(text: string, resolveDir: string): Plugin {
  const [namespace = "", path = ""] = ENTRY.split(":");
  return {
    name: "entry",
    setup(builder) {
      builder.onResolve({ filter: /^idem-flow:/ }, ({ kind }) =>
        kind === "entry-point" ? { path, namespace } : null,
      );
      builder.onLoad({ filter: /.*/, namespace }, () => ({
        contents: text,
        loader: "ts",
        resolveDir,
      }));
    },
  };
}

/** Resolves `idem` to the product's SDK under a name that does not depend on where the product lies. */
function sdkPlugin(): Plugin {
  const folder = dirname(productFile("sdk/index.ts"));
  const namespace = SDK.slice(0, -1);
  return {
    name: "sdk",
    setup(builder) {
      builder.onResolve({ filter: /^idem$/ }, () => ({ path: "index.ts", namespace }));
      builder.onResolve({ filter: /^\.\/marks\.ts$/, namespace }, () => ({
        path: "marks.ts",
        namespace,
      }));
      builder.onLoad({ filter: /.*/, namespace }, async ({ path }) => ({
        contents: await readFile(join(folder, path), "utf8"),
        loader: "ts",
      }));
    },
  };
}

type NameInput = (input: string) => string;

function originFinder(
  map: string,
  name: NameInput,
): (place: { line: number; column: number }) => Position | null {
  let sourceMap: SourceMap | undefined;
  return ({ line, column }) => {
    sourceMap ??= new SourceMap(JSON.parse(map));
    const entry = sourceMap.findEntry(line - 1, column - 1);
    if (!("originalSource" in entry) || entry.originalSource.startsWith(SDK)) return null;
    const { originalSource, originalLine, originalColumn } = entry;
    return { file: name(originalSource), line: originalLine + 1, column: originalColumn + 1 };
  };
}

function toProblem({ text, location }: Message, name: NameInput): Problem {
  const { code, fix } = classify(text);
  const message = sentence(text);
  if (location === null) {
    return { code, message, fix, position: { file: name(ENTRY), line: 1, column: 1 } };
  }
  // esbuild counts bytes, people and editors count characters.
  const before = Buffer.from(location.lineText).subarray(0, location.column).toString();
  const position = {
    file: name(location.file),
    line: location.line,
    column: before.length + 1,
  };
  return { code, message, fix, position };
}

/** JavaScript takes the last of two equal keys; whoever wrote both meant something else. */
function isOwnDuplicate({ id, location }: Message): boolean {
  return id === "duplicate-object-key" && !location?.file.includes("node_modules/");
}

function classify(text: string): { code: DefinitionCode; fix: string } {
  if (text.startsWith("Could not resolve")) {
    return {
      code: "BUNDLE_FAILED",
      fix: "Correct the path, or install the package beside the flow.",
    };
  }
  if (text.startsWith("No matching export")) {
    return { code: "BUNDLE_FAILED", fix: "Import a name that the module exports." };
  }
  if (text.startsWith("Duplicate key")) {
    return { code: "DUPLICATE_KEY", fix: "Remove one of them, or give it another name." };
  }
  if (text.startsWith("No loader is configured")) {
    return {
      code: "BUNDLE_FAILED",
      fix: "Import code and JSON only; name other files under files.",
    };
  }
  return { code: "SYNTAX", fix: "Correct the TypeScript here." };
}

function sentence(text: string): string {
  const flat = text.replace(/\s+/g, " ").trim();
  return /[.!?]$/.test(flat) ? flat : `${flat}.`;
}

/** A path below a folder, with `/`; one outside of it is only named by its last part. */
export function nameBelow(folder: string): (file: string) => string {
  return (file) => {
    const path = relative(folder, file);
    return path.startsWith("..") || isAbsolute(path) ? basename(file) : path.split(sep).join("/");
  };
}
