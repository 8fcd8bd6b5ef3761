/** The flows that tasks run, looked for among definitions on this machine. */
import { resolve } from "node:path";
import type { Problem } from "#server/core/errors.ts";
import { callCycleProblem, calledFlows } from "#server/core/flow/calls.ts";
import type { CompiledFlow, FlowCall } from "#server/core/flow/spec.ts";
import { FlowFolder } from "#server/flow-sources/folder.ts";

export interface LocalCalls {
  /** Flows that run each other, or themselves. */
  problems: Problem[];
  /** By id of a flow: the tasks whose flow is in no definition here. */
  unchecked: ReadonlyMap<string, readonly FlowCall[]>;
  /** The folder was read, or there is none; false: it was not needed. */
  folder: "read" | "absent" | "not needed";
}

/**
 * Looks among the flows given first, and in the folder of flows when that does not answer it: a
 * definition that is given counts before one of the same id there.
 * @param folder absolute, or as seen from `cwd`; it need not exist
 * @throws Error (of the file system) when the folder is there and cannot be read
 */
export async function checkCalls(
  given: readonly CompiledFlow[],
  cwd: string,
  folder: string,
): Promise<LocalCalls> {
  const known = new Map(given.map((flow) => [flow.spec.id, flow]));
  const unmet = given.some(({ calls }) => calls.some(({ flow }) => !known.has(flow)));
  const others = unmet ? await readFolder(resolve(cwd, folder)) : null;
  for (const flow of others ?? []) if (!known.has(flow.spec.id)) known.set(flow.spec.id, flow);
  const calls = new Map([...known].map(([id, { spec }]) => [id, calledFlows(spec)]));
  const missing = ({ flow }: FlowCall) => !known.has(flow);
  return {
    problems: given.flatMap((flow) => callCycleProblem(flow, calls) ?? []),
    unchecked: new Map(given.map(({ spec, calls: own }) => [spec.id, own.filter(missing)])),
    folder: unmet ? (others === null ? "absent" : "read") : "not needed",
  };
}

/** The flows of a folder, but those with problems, which are not what was asked about. */
async function readFolder(path: string): Promise<CompiledFlow[] | null> {
  try {
    const { definitions } = await new FlowFolder(path).look();
    return [...definitions.values()].flatMap(({ result }) => (result.ok ? [result.flow] : []));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw error;
  }
}
