/**
 * The current revisions of flows as they were last found, so that starting a run need not ask first. They
 * may be out of date: whoever uses one has to ask whether it is still the current one.
 */
import type { Pool } from "pg";
import type { RevisionRow } from "#server/db/flow/revisions.ts";

const MOST_FLOWS = 200;
/** Larger ones are not kept: reading them takes little of what starting them takes. */
const MOST_TASKS = 200;

const known = new WeakMap<Pool, Map<string, RevisionRow>>();

export function recallRevision(pool: Pool, flow: string): RevisionRow | undefined {
  return known.get(pool)?.get(flow);
}

/** Keeps a revision, unless it is not the latest of its flow. The one kept for the longest goes first. */
export function rememberRevision(pool: Pool, revision: RevisionRow): void {
  const { flowId, number, latestNumber, spec } = revision;
  if (number !== latestNumber || Object.keys(spec.tasks).length > MOST_TASKS) return;
  const flows = known.get(pool) ?? new Map<string, RevisionRow>();
  known.set(pool, flows);
  flows.delete(flowId);
  flows.set(flowId, revision);
  const [oldest] = flows.keys();
  if (flows.size > MOST_FLOWS && oldest !== undefined) flows.delete(oldest);
}
