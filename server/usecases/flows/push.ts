import { type Actor, authorise } from "#server/auth/actor.ts";
import { AppError } from "#server/core/errors.ts";
import type { CallWarning } from "#server/core/flow/call-warnings.ts";
import type { CompileResult } from "#server/core/flow/compile.ts";
import type { CompiledFlow } from "#server/core/flow/spec.ts";
import { inTransaction } from "#server/db/transaction.ts";
import {
  compileReceived,
  compileRecorded,
  type ReceivedDefinition,
} from "#server/flow-sources/receive.ts";
import type { Deps } from "#server/usecases/deps.ts";
import type { DefinitionInput, WfcommonsInput } from "./inputs.ts";
import { type StoredFlow, storeFlow, warningsOf } from "./store.ts";

export interface ValidFlow {
  id: string;
  hash: string;
  tasks: number;
  /** Flows that its tasks run and that are not there, or archived. */
  warnings: CallWarning[];
}

/**
 * Compiles a definition without storing it.
 * @throws AppError INVALID_DEFINITION with all of its problems
 */
export async function validateFlow(
  deps: Deps,
  actor: Actor,
  input: DefinitionInput,
): Promise<ValidFlow> {
  authorise(actor, "flow:write");
  const flow = await compileInput(input);
  return {
    id: flow.spec.id,
    hash: flow.hash,
    tasks: flow.graph.taskIds.length,
    warnings: await warningsOf(deps.pool, flow),
  };
}

/**
 * Compiles a definition and makes it the current revision of its flow.
 * @throws AppError INVALID_DEFINITION with all of its problems
 * @throws AppError CONFLICT when the flow belongs to a file
 */
export async function pushFlow(
  deps: Deps,
  actor: Actor,
  input: DefinitionInput,
): Promise<StoredFlow> {
  authorise(actor, "flow:write");
  const flow = await compileInput(input);
  return inTransaction(deps.pool, (client) => storeFlow(client, flow, "push", actor.name));
}

/**
 * Stores a recorded workflow as a flow of waits.
 * @throws AppError INVALID_DEFINITION, CONFLICT
 */
export async function importWfcommons(
  deps: Deps,
  actor: Actor,
  input: WfcommonsInput,
): Promise<StoredFlow> {
  authorise(actor, "flow:write");
  const flow = accepted(await compileRecorded(input.name, input.text, input.scale), input.name);
  return inTransaction(deps.pool, (client) => storeFlow(client, flow, "import", actor.name));
}

async function compileInput(input: DefinitionInput): Promise<CompiledFlow> {
  return accepted(await compileReceived(toReceived(input)), input.path);
}

function toReceived({
  format,
  path,
  text,
  files,
  bundle,
  definition,
}: DefinitionInput): ReceivedDefinition {
  const common = {
    file: path,
    text,
    files: files.map(({ base64, ...file }) => ({ ...file, bytes: Buffer.from(base64, "base64") })),
  };
  if (format !== "typescript") return { ...common, format };
  if (bundle === undefined || definition === undefined) {
    throw new AppError("INVALID_INPUT", "A flow in TypeScript comes without its bundle.", {
      fix: "Push it with the idem command, which makes the bundle.",
    });
  }
  return { ...common, format, bundle: Buffer.from(bundle, "base64"), definition };
}

function accepted(result: CompileResult, path: string): CompiledFlow {
  if (result.ok) return result.flow;
  const { problems } = result;
  const count = problems.length === 1 ? "one problem" : `${problems.length} problems`;
  throw new AppError("INVALID_DEFINITION", `The definition ${path} has ${count}.`, {
    fix: "Correct the definition and send it again.",
    problems,
  });
}
