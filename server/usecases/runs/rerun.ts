import { type Actor, authorise } from "#server/auth/actor.ts";
import { AppError } from "#server/core/errors.ts";
import { canonicalJson, sha256Hex } from "#server/core/flow/canonical.ts";
import type { Certificate, RerunPlan } from "#server/core/run/rerun-view.ts";
import { inTransaction } from "#server/db/transaction.ts";
import { prepareRerun, startRerun } from "#server/engine/start/start-rerun.ts";
import type { Deps } from "#server/usecases/deps.ts";
import { sameRequest } from "./create.ts";
import type { RerunInput } from "./inputs.ts";

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
  return (await prepareRerun(deps.pool, input)).plan;
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
    const prepared = await prepareRerun(client, input);
    const { plan } = prepared;
    if (plan.hash !== input.planHash) {
      throw new AppError("STALE_PLAN", "The plan has changed since it was shown.", {
        fix: "Look at the new plan and confirm it.",
        data: { hash: plan.hash },
      });
    }
    const started = await startRerun(client, prepared, {
      createdBy: actor.name,
      idempotencyKey,
      requestHash,
      reason: input.reason,
    });
    return { id: sameRequest(started, requestHash), certificate: plan.certificate };
  });
}
