/** Compiled flows made by hand, for tests that are not about definitions. */
import { calledFlow } from "#server/core/flow/calls.ts";
import { canonicalJson, sha256Hex } from "#server/core/flow/canonical.ts";
import {
  type CompiledFlow,
  type FlowSpec,
  NO_RETRY,
  type ParamSchema,
  type ScheduleSpec,
  SPEC_VERSION,
  type TaskSpec,
} from "#server/core/flow/spec.ts";

export type TaskDraft = Partial<TaskSpec>;

/**
 * A compiled flow with the given tasks, listed in topological order.
 * A task is a `noop` without needs unless its draft says otherwise.
 */
export function buildFlow(
  id: string,
  tasks: Record<string, TaskDraft>,
  params: Record<string, ParamSchema> = {},
  schedules: ScheduleSpec[] = [],
): CompiledFlow {
  const specs: Record<string, TaskSpec> = Object.fromEntries(
    Object.entries(tasks).map(([name, draft]) => [
      name,
      {
        type: "noop",
        needs: [],
        env: {},
        retry: NO_RETRY,
        pool: "default",
        writes: { mode: "none" },
        with: {},
        ...draft,
      } satisfies TaskSpec,
    ]),
  );
  const spec: FlowSpec = {
    specVersion: SPEC_VERSION,
    id,
    tags: [],
    params,
    schedules,
    notify: [],
    files: [],
    tasks: specs,
  };
  const canonical = canonicalJson(spec);
  const taskIds = Object.keys(specs);
  const ordinal = new Map(taskIds.map((name, index) => [name, index]));
  const parents = taskIds.map((name) =>
    (specs[name]?.needs ?? []).map((need) => ordinal.get(need) as number).sort((a, b) => a - b),
  );
  const children = taskIds.map((_, index) =>
    taskIds.map((_name, child) => child).filter((child) => parents[child]?.includes(index)),
  );
  return {
    spec,
    canonical,
    hash: sha256Hex(canonical),
    source: { format: "yaml", path: `${id}.yaml`, text: canonical },
    blobs: [],
    graph: { taskIds, parents, children },
    calls: taskIds.flatMap((task) => {
      const own = specs[task];
      const flow = own === undefined ? null : calledFlow(own);
      return flow === null
        ? []
        : [{ task, flow, position: { file: `${id}.yaml`, line: 1, column: 1 } }];
    }),
  };
}
