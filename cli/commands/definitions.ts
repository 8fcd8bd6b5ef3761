import type { CommandContext } from "../context.ts";
import { loadAll, toPush } from "../local-definition.ts";
import { describeStored, oneOrMany, type StoredFlow } from "../stored-flow.ts";

/** `idem flow validate <file…>`: compiles here; needs no server. */
export async function validateFlows(
  { output, cwd }: CommandContext,
  files: readonly string[],
): Promise<void> {
  const found = (await loadAll(cwd, files)).map(({ flow }) => ({
    id: flow.spec.id,
    hash: flow.hash,
    tasks: flow.graph.taskIds.length,
  }));
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
  output.result(oneOrMany(stored), () => stored.map(describeStored).join("\n"));
}
