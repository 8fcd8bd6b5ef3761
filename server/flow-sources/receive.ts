import type { CompileResult, FileContent } from "#server/core/flow/compile.ts";
import type { Json } from "#server/core/flow/spec.ts";
import { compileInThread } from "./compile-in-thread.ts";
import { evaluateDefinition } from "./read-bundled.ts";

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
 * Compiles a received definition, away from the thread that answers requests. The sender's word is
 * taken for nothing: a bundle is evaluated here once more, in a child process, and refused when it
 * gives another definition than the sender saw.
 */
export async function compileReceived(received: ReceivedDefinition): Promise<CompileResult> {
  if (received.format !== "typescript") return compileInThread({ kind: "declared", ...received });
  const { file, text, files, bundle, definition } = received;
  const evaluation = await evaluateDefinition(file, text, { code: bundle, origin: () => null });
  if (!evaluation.ok) return { ok: false, problems: [evaluation.problem] };
  return compileInThread({ kind: "evaluated", file, text, files, bundle, evaluation, definition });
}

/** Compiles a recorded workflow (WfFormat 1.5), away from the thread that answers requests. */
export function compileRecorded(file: string, text: string, scale: number): Promise<CompileResult> {
  return compileInThread({ kind: "wfcommons", file, text, scale });
}
