import { type CallWarning, formatWarning } from "#server/core/flow/call-warnings.ts";
import type { CommandContext } from "../context.ts";
import { loadAll, toPush } from "../local-definition.ts";
import type { Output } from "../output.ts";
import { describeStored, oneOrMany, type StoredFlow } from "../stored-flow.ts";

/**
 * `idem flow validate <file…>`: compiles here; needs no server, unless it is to be asked as well for
 * the flows that tasks run.
 */
export async function validateFlows(
  { api, output, cwd }: CommandContext,
  files: readonly string[],
  { online = false }: { online?: boolean },
): Promise<void> {
  const definitions = await loadAll(cwd, files);
  const ids = new Set(definitions.map(({ flow }) => flow.spec.id));
  const found: { id: string; hash: string; tasks: number; warnings?: CallWarning[] }[] = [];
  for (const definition of definitions) {
    const { spec, hash, graph } = definition.flow;
    const local = { id: spec.id, hash, tasks: graph.taskIds.length };
    if (!online) found.push(local);
    else {
      const { warnings } = await api.flows.validate.mutate(toPush(definition));
      found.push({ ...local, warnings: unlessIn(ids, warnings) });
    }
  }
  for (const { warnings = [] } of found) tell(output, warnings);
  output.result(oneOrMany(found), () =>
    found.map(({ id, hash, tasks }) => `${id}  ${tasks} tasks  ${hash}`).join("\n"),
  );
}

/** `idem flow push <file…>`: nothing is sent unless every file compiles here. */
export async function pushFlows(
  { api, output, cwd }: CommandContext,
  files: readonly string[],
): Promise<void> {
  const stored: StoredFlow[] = [];
  for (const definition of await loadAll(cwd, files)) {
    stored.push(await api.flows.push.mutate(toPush(definition)));
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
