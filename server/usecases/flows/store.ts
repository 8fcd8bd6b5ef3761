import type { PoolClient } from "pg";
import { AppError } from "#server/core/errors.ts";
import { type CallWarning, warnOfCalls } from "#server/core/flow/call-warnings.ts";
import { callCycleProblem } from "#server/core/flow/calls.ts";
import type { CompiledFlow } from "#server/core/flow/spec.ts";
import { type FlowOrigin, lockFlow, publishRevision } from "#server/db/flow/flows.ts";
import { storeRevision } from "#server/db/flow/revisions.ts";
import { lockCalls, readCurrentCalls, readKnownFlows } from "#server/db/run/calls.ts";
import type { Queryable } from "#server/db/sql.ts";
import { slotlessTypes } from "#server/plugins/task-types.ts";
import { storeSchedules } from "#server/usecases/schedules/store.ts";

export interface StoredFlow {
  id: string;
  revision: number;
  hash: string;
  tasks: number;
  origin: FlowOrigin;
  /** False when this exact revision was stored before. */
  created: boolean;
  /** Flows that its tasks run and that are not there, or archived. */
  warnings: CallWarning[];
}

/**
 * Stores a compiled flow and makes it the current revision, within the caller's transaction.
 * Equal content gives the same revision again, whoever sends it.
 * @throws AppError CONFLICT when the flow belongs to a file and comes from elsewhere
 * @throws AppError INVALID_DEFINITION when flows would run each other
 */
export async function storeFlow(
  client: PoolClient,
  flow: CompiledFlow,
  origin: FlowOrigin,
  createdBy: string,
): Promise<StoredFlow> {
  const current = await lockFlow(client, flow.spec.id, origin);
  const ownedByFile = current.origin === "file" && !current.archived && current.sourcePath !== null;
  if (ownedByFile && origin !== "file") {
    throw new AppError(
      "CONFLICT",
      `The flow "${flow.spec.id}" is kept in the file ${current.sourcePath}.`,
      { fix: "Change that file, or push under another id." },
    );
  }
  await refuseCallCycle(client, flow);
  const revision = await storeRevision(client, flow, createdBy, slotlessTypes);
  const path = origin === "file" ? flow.source.path : null;
  await publishRevision(client, flow.spec, revision.id, origin, path);
  await storeSchedules(client, flow.spec, revision, createdBy);
  return {
    id: flow.spec.id,
    revision: revision.number,
    hash: flow.hash,
    tasks: flow.graph.taskIds.length,
    origin,
    created: revision.created,
    warnings: await warningsOf(client, flow),
  };
}

/** What is amiss with the flows that a definition's tasks run. */
export async function warningsOf(
  sql: Queryable,
  { calls }: Pick<CompiledFlow, "calls">,
): Promise<CallWarning[]> {
  if (calls.length === 0) return [];
  return warnOfCalls(calls, await readKnownFlows(sql, [...new Set(calls.map(({ flow }) => flow))]));
}

/**
 * Flows that run each other would never end. A flow that does not exist yet may be named: whoever
 * brings it is refused if it closes the circle.
 */
async function refuseCallCycle(client: PoolClient, flow: CompiledFlow): Promise<void> {
  if (flow.calls.length === 0) return;
  await lockCalls(client);
  const problem = callCycleProblem(flow, await readCurrentCalls(client));
  if (problem === null) return;
  const { message, fix } = problem;
  throw new AppError("INVALID_DEFINITION", message, { fix, problems: [problem] });
}
