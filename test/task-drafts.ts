/** Tasks as tests of the engine need them, and the functions that some of them call. */
import { canonicalJson, sha256Hex } from "#server/core/flow/canonical.ts";
import type { CompiledFlow } from "#server/core/flow/spec.ts";
import type { TaskDraft } from "./flow-builder.ts";

export const shell = (run: string, draft: TaskDraft = {}): TaskDraft => ({
  type: "shell",
  with: { run },
  ...draft,
});

/** A task that calls a function of the flow's bundle. */
export const call = (handler: string, draft: TaskDraft = {}): TaskDraft => ({
  type: "function",
  with: { handler },
  ...draft,
});

/**
 * Gives a flow the functions of a bundle.
 * @param code JavaScript that defines an object `tasks`: by handler, `{ run }`
 */
export function giveFunctions(flow: CompiledFlow, code: string): void {
  const bundle = `${code}\nexport default { [Symbol.for("idem.flow.1")]: { tasks } };`;
  const sha256 = sha256Hex(bundle);
  flow.spec.bundle = sha256;
  flow.blobs.push({ sha256, bytes: Buffer.from(bundle) });
  hashAnew(flow);
}

/** After a change of the spec. */
export function hashAnew(flow: CompiledFlow): void {
  flow.canonical = canonicalJson(flow.spec);
  flow.hash = sha256Hex(flow.canonical);
}
