import { isDeepStrictEqual } from "node:util";
import type { FileContent, FileMatches } from "#server/core/flow/compile.ts";
import type { Json } from "#server/core/flow/spec.ts";
import { type ReadDefinition, readBundled, readDeclared } from "./definition.ts";
import { MAX_FILE_BYTES } from "./files.ts";
import { globFault, globMatches } from "./glob.ts";

/** A definition that somebody sent, with everything it needs: nothing is read from disk. */
export type ReceivedDefinition = {
  /** How problems name it. */
  file: string;
  text: string;
  files: readonly FileContent[];
} & (
  | { format: "yaml" | "xml" }
  | {
      format: "typescript";
      bundle: Uint8Array;
      /** What the sender says that the bundle evaluates to. */
      definition: Json;
    }
);

/**
 * Compiles a received definition. The sender's word is taken for nothing: a bundle is evaluated here
 * once more, in a child process, and refused when it gives another definition than the sender saw.
 */
export function readReceived(received: ReceivedDefinition): Promise<ReadDefinition> {
  const { file, text } = received;
  const find = (patterns: readonly string[]) =>
    new Map(patterns.map((pattern) => [pattern, match(pattern, received.files)]));
  if (received.format !== "typescript") return readDeclared(received.format, file, text, find);
  const bundle = { code: received.bundle, origin: () => null };
  return readBundled(file, text, bundle, find, ({ definition }) =>
    isDeepStrictEqual(definition, received.definition)
      ? null
      : {
          code: "BUNDLE_FAILED",
          message: "The bundle gives another definition here than where it was made.",
          fix: "Build the definition without clock, chance or environment, and push it again.",
          position: { file, line: 1, column: 1 },
        },
  );
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
