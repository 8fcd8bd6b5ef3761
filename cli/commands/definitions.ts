import { type CallWarning, formatWarning } from "#server/core/flow/call-warnings.ts";
import type { FlowCall } from "#server/core/flow/spec.ts";
import type { CommandContext } from "../context.ts";
import { Failure } from "../failure.ts";
import { checkCalls } from "../local-calls.ts";
import { type LocalDefinition, loadAll, readToPush, toPush } from "../local-definition.ts";
import type { Output } from "../output.ts";
import { describeStored, oneOrMany, type StoredFlow } from "../stored-flow.ts";

interface Validated {
  id: string;
  hash: string;
  tasks: number;
  /** With `--online`. */
  warnings?: CallWarning[];
  /** Without it: tasks whose flow was found nowhere here. */
  unchecked?: readonly FlowCall[];
}

/**
 * `idem flow validate <file…>`: compiles here; needs no server, unless it is to be asked as well for
 * the flows that tasks run. Without it, what could not be found here is said to be unchecked.
 */
export async function validateFlows(
  context: CommandContext,
  files: readonly string[],
  { online = false }: { online?: boolean },
): Promise<void> {
  const { output, cwd, flowsFolder } = context;
  const definitions = await loadAll(cwd, files);
  const flows = definitions.map(({ flow }) => flow);
  const { problems, unchecked, folder } = await checkCalls(flows, cwd, flowsFolder);
  if (problems.length > 0) {
    throw new Failure("INVALID_DEFINITION", "Flows run each other.", { problems });
  }
  const warnings = online ? await askForWarnings(context, definitions) : null;
  const found: Validated[] = flows.map(({ spec, hash, graph }) => ({
    id: spec.id,
    hash,
    tasks: graph.taskIds.length,
    ...(warnings === null
      ? { unchecked: unchecked.get(spec.id) ?? [] }
      : { warnings: warnings.get(spec.id) ?? [] }),
  }));
  const places = folder === "read" ? `the files given or ${flowsFolder}` : "the files given";
  for (const { warnings = [], unchecked = [] } of found) {
    tell(output, warnings);
    for (const call of unchecked) output.note(formatUnchecked(call, places));
  }
  output.result(oneOrMany(found), () =>
    found.map(({ id, hash, tasks }) => `${id}  ${tasks} tasks  ${hash}`).join("\n"),
  );
}

/** What the server says of the flows that tasks run, by flow; what comes along is there. */
async function askForWarnings(
  { api }: CommandContext,
  definitions: readonly LocalDefinition[],
): Promise<Map<string, CallWarning[]>> {
  const ids = new Set(definitions.map(({ flow }) => flow.spec.id));
  const warnings = new Map<string, CallWarning[]>();
  for (const definition of definitions) {
    const answer = await api.flows.validate.mutate(toPush(definition));
    warnings.set(definition.flow.spec.id, unlessIn(ids, answer.warnings));
  }
  return warnings;
}

/** `file:line:column: note: …`, as compilers tell it. */
function formatUnchecked({ task, flow, position }: FlowCall, places: string): string {
  const { file, line, column } = position;
  return `${file}:${line}:${column}: note: The task "${task}" runs the flow "${flow}", which is not in ${places}. Whether Idem has it was not asked: add --online.`;
}

/**
 * `idem flow push <file…>`: of several files nothing is sent unless all of them compile here. A single
 * one is compiled by the server alone, since then nothing else could be stored before its problems show.
 */
export async function pushFlows(
  { api, output, cwd }: CommandContext,
  files: readonly string[],
): Promise<void> {
  const [first = "", ...others] = files;
  const single = others.length > 0 ? null : await readToPush(cwd, first);
  const stored: StoredFlow[] = [];
  for (const sent of single === null ? (await loadAll(cwd, files)).map(toPush) : [single]) {
    stored.push(await api.flows.push.mutate(sent));
  }
  // A flow that came with the same command is there by now.
  const ids = new Set(stored.map(({ id }) => id));
  const told = stored.map((flow) => ({ ...flow, warnings: unlessIn(ids, flow.warnings) }));
  for (const { warnings } of told) tell(output, warnings);
  output.result(oneOrMany(told), () => told.map(describeStored).join("\n"));
}

function unlessIn(ids: ReadonlySet<string>, warnings: readonly CallWarning[]): CallWarning[] {
  return warnings.filter(({ flow }) => !ids.has(flow));
}

function tell(output: Output, warnings: readonly CallWarning[]): void {
  for (const warning of warnings) output.note(formatWarning(warning));
}
