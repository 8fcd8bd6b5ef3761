import { type Actor, authorise } from "#server/auth/actor.ts";
import { AppError } from "#server/core/errors.ts";
import { canonicalJson, sha256Hex } from "#server/core/flow/canonical.ts";
import type { Writes } from "#server/core/flow/spec.ts";
import { certify, sealManifest } from "#server/core/run/manifest.ts";
import { parseScope, planRerun } from "#server/core/run/rerun.ts";
import type { Certificate, RerunPlan } from "#server/core/run/view.ts";
import { publishRuns, wakeRunners } from "#server/db/notify.ts";
import { findRevision } from "#server/db/revisions.ts";
import { listTaskRuns } from "#server/db/run-detail.ts";
import {
  findRunSource,
  insertRerunTaskRuns,
  insertRun,
  insertRunEvents,
  type RunSourceRow,
} from "#server/db/runs.ts";
import type { Queryable } from "#server/db/sql.ts";
import { inTransaction } from "#server/db/transaction.ts";
import { decideUndecided } from "#server/engine/settle.ts";
import type { Deps } from "#server/usecases/deps.ts";
import { requireRevision } from "#server/usecases/flows/require.ts";
import { sameRequest } from "./create.ts";
import type { RerunInput } from "./inputs.ts";
import { notFound } from "./read.ts";

interface Prepared {
  source: RunSourceRow;
  manifest: ReturnType<typeof sealManifest>;
  plan: RerunPlan;
}

/**
 * What a rerun of the run would do, task by task, with the proof that it is the same run again.
 * @throws AppError NOT_FOUND, INVALID_INPUT (bad scope, live run), NOTHING_TO_RUN
 */
export async function getRerunPlan(
  deps: Deps,
  actor: Actor,
  input: { id: string; scope: string },
): Promise<RerunPlan> {
  authorise(actor, "run:read");
  return (await prepare(deps.pool, input)).plan;
}

/**
 * Starts the rerun that the plan showed. Refused when the plan would look different by now, when
 * the identity would differ, or when a guarded task would run again without a reason.
 * @throws AppError STALE_PLAN, IDENTITY_DIFFERS, GUARD_REASON_REQUIRED, IDEMPOTENCY_MISMATCH and
 *   those of getRerunPlan
 */
export async function rerun(
  deps: Deps,
  actor: Actor,
  input: RerunInput,
): Promise<{ id: string; certificate: Certificate }> {
  authorise(actor, "run:start");
  const { idempotencyKey, ...request } = input;
  const requestHash = sha256Hex(canonicalJson({ rerun: request }));
  return inTransaction(deps.pool, async (client) => {
    const { source, manifest, plan } = await prepare(client, input);
    if (plan.hash !== input.planHash) {
      throw new AppError("STALE_PLAN", "The plan has changed since it was shown.", {
        fix: "Look at the new plan and confirm it.",
        data: { hash: plan.hash },
      });
    }
    refuseDifferent(plan.certificate);
    if (plan.guardedTasks.length > 0 && input.reason === undefined) {
      throw new AppError(
        "GUARD_REASON_REQUIRED",
        `These tasks succeeded and running them again repeats their effects: ${plan.guardedTasks.join(", ")}.`,
        { fix: "Type a reason; it is recorded with the run.", data: { tasks: plan.guardedTasks } },
      );
    }
    const inserted = await insertRun(client, {
      flowId: source.flowId,
      revisionId: source.revisionId,
      manifest,
      params: source.params,
      interval: manifest.manifest.interval,
      timezone: source.timezone,
      trigger: "rerun",
      createdBy: actor.name,
      idempotencyKey,
      requestHash,
      parent: {
        id: source.id,
        scope: plan.scope,
        planHash: plan.hash,
        certificate: plan.certificate,
      },
      ...(input.reason === undefined ? {} : { reason: input.reason }),
    });
    if (!inserted.created) {
      return { id: sameRequest(inserted, requestHash), certificate: plan.certificate };
    }
    const { id } = inserted;
    const { undecided } = await insertRerunTaskRuns(client, id, source.revisionId, plan.tasks);
    const detail = {
      parent: source.id,
      scope: plan.scope,
      ...(input.reason === undefined ? {} : { reason: input.reason, guarded: plan.guardedTasks }),
    };
    await insertRunEvents(client, [{ runId: id, actor: actor.name, verb: "rerun", detail }]);
    if (undecided) await decideUndecided(client, id);
    await wakeRunners(client);
    await publishRuns(client, [id, source.id]);
    return { id, certificate: plan.certificate };
  });
}

/** An identical rerun that would not be identical is refused, with what differs. */
function refuseDifferent(certificate: Certificate): void {
  if (certificate.verdict === "identical") return;
  const fields = certificate.differences.map((difference) => difference.field).join(", ");
  throw new AppError("IDENTITY_DIFFERS", `The rerun would differ from its parent in: ${fields}.`, {
    fix: "Use Run with changes instead.",
    data: { differences: certificate.differences },
  });
}

async function prepare(sql: Queryable, input: { id: string; scope: string }): Promise<Prepared> {
  const scope = parseScope(input.scope);
  const source = (await findRunSource(sql, input.id)) ?? notFound(input.id);
  const revision = requireRevision(
    await findRevision(sql, source.flowId, source.revisionNumber),
    source.flowId,
    source.revisionNumber,
  );
  const manifest = sealManifest({
    flow: source.flowId,
    revisionHash: sha256Hex(canonicalJson(revision.spec)),
    params: source.params,
    interval:
      source.intervalStart === null || source.intervalEnd === null
        ? null
        : { start: source.intervalStart.toISOString(), end: source.intervalEnd.toISOString() },
    timezone: source.timezone,
  });
  const tasks = await listTaskRuns(sql, source.id);
  const writesOf = (id: string): Writes => revision.spec.tasks[id]?.writes ?? { mode: "none" };
  const ordinals = new Map(tasks.map((task) => [task.id, task.ordinal]));
  const plan = planRerun({
    run: source.id,
    scope,
    graph: {
      taskIds: tasks.map((task) => task.id),
      parents: tasks.map((task) =>
        (revision.spec.tasks[task.id]?.needs ?? [])
          .map((need) => ordinals.get(need) as number)
          .sort((a, b) => a - b),
      ),
    },
    tasks: tasks.map((task) => ({
      state: task.state,
      reusedFrom: task.reusedFrom,
      writes: writesOf(task.id),
    })),
    certificate: certify({ text: source.manifestText, identity: source.identity }, manifest),
  });
  return { source, manifest, plan };
}
