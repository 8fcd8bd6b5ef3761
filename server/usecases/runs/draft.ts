import { type Actor, authorise } from "#server/auth/actor.ts";
import { defaultParams, requiredParams } from "#server/core/flow/params/params.ts";
import type { SpecChange } from "#server/core/flow/view.ts";
import { checkParams } from "#server/core/run/check-order.ts";
import { compareManifests } from "#server/core/run/compare.ts";
import { sealManifest } from "#server/core/run/manifest.ts";
import { noSuchRun } from "#server/core/run/refusals.ts";
import type { RunDraft } from "#server/core/run/view.ts";
import { flowZone, lastStep } from "#server/core/schedule/last-step.ts";
import { readNow } from "#server/db/clock.ts";
import { findRevision } from "#server/db/flow/revisions.ts";
import { findRunSource } from "#server/db/run/runs.ts";
import { intervalOf } from "#server/db/sql.ts";
import { pinFlows } from "#server/engine/start/flow-pins.ts";
import type { Deps } from "#server/usecases/deps.ts";
import { needsInterval } from "#server/usecases/flows/needed-interval.ts";
import { requireRevision } from "#server/usecases/flows/require.ts";
import { normaliseInterval } from "./create.ts";
import type { ChangesInput, DraftInput } from "./inputs.ts";

/**
 * What the form of a new run starts from: the schemas of a revision, and the values of an earlier
 * run as far as the revision still has those parameters. A flow that reads its interval starts from
 * the newest whole step of its schedule.
 */
export async function getDraft(deps: Deps, actor: Actor, input: DraftInput): Promise<RunDraft> {
  authorise(actor, "run:read");
  const revision = requireRevision(
    await findRevision(deps.pool, input.flow, input.revision ?? null),
    input.flow,
    input.revision,
  );
  const from =
    input.from === undefined
      ? null
      : ((await findRunSource(deps.pool, input.from)) ?? noSuchRun(input.from));
  const schemas = revision.spec.params;
  const kept = Object.entries(from?.params ?? {}).filter(([name]) => Object.hasOwn(schemas, name));
  const isNeeded = await needsInterval(deps.pool, revision);
  const interval = intervalOf(from?.intervalStart ?? null, from?.intervalEnd ?? null);
  return {
    flow: revision.flowId,
    flowName: revision.flowName,
    revision: revision.number,
    latestRevision: revision.latestNumber,
    schemas,
    required: requiredParams(schemas),
    params: { ...defaultParams(schemas), ...Object.fromEntries(kept) },
    needsInterval: isNeeded,
    interval:
      interval ?? (isNeeded ? lastStep(revision.spec, (await readNow(deps.pool)).getTime()) : null),
    timezone: from?.timezone ?? flowZone(revision.spec),
    from: from?.id ?? null,
  };
}

/** How the manifest of a run with these values would differ from that of an earlier run. */
export async function getChanges(
  deps: Deps,
  actor: Actor,
  input: ChangesInput,
): Promise<{ changes: SpecChange[] }> {
  authorise(actor, "run:read");
  const from = (await findRunSource(deps.pool, input.from)) ?? noSuchRun(input.from);
  const revision = requireRevision(
    await findRevision(deps.pool, from.flowId, input.revision ?? null),
    from.flowId,
    input.revision,
  );
  const pins = await pinFlows(deps.pool, [
    { flowId: revision.flowId, revisionId: revision.id, revisionHash: revision.hash },
  ]);
  const next = sealManifest({
    flow: revision.flowId,
    flows: pins.get(revision.id) ?? null,
    revisionHash: revision.hash,
    params: checkParams(revision.spec.params, input.params),
    interval: normaliseInterval(input.interval ?? null),
    timezone: input.timezone ?? flowZone(revision.spec),
  });
  const wanted = { manifestText: next.text, schemas: revision.spec.params };
  return { changes: compareManifests(from, wanted) };
}
