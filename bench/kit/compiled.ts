import type { CompileResult } from "#server/core/flow/compile.ts";
import type { CompiledFlow } from "#server/core/flow/spec.ts";

/** @throws Error with the first problem of a definition that does not compile */
export function compiled({ result }: { result: CompileResult }): CompiledFlow {
  if (result.ok) return result.flow;
  throw new Error(`The definition does not compile: ${result.problems[0]?.message}`);
}
