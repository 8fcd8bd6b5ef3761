/**
 * The one way into being for reruns: planned, certified, guarded and inserted within the caller's
 * transaction, so that people, programs and the engine itself make them alike.
 */
import type { PoolClient } from "pg";
import { AppError } from "../core/errors.ts";
import { canonicalJson, sha256Hex } from "../core/flow/canonical.ts";
import type { Writes } from "../core/flow/spec.ts";
import { certify, pinsOf, type SealedManifest, sealManifest } from "../core/run/manifest.ts";
import { noSuchRun } from "../core/run/refusals.ts";
import { parseScope, planRerun } from "../core/run/rerun.ts";
import type { Certificate, RerunPlan } from "../core/run/view.ts";
import { adoptRun, findOpenPlace, type OpenPlace } from "../db/backfill-window.ts";
import { insertBackfillEvents } from "../db/backfills.ts";
import { announceRuns, wakeBackfills } from "../db/notify.ts";
import { findRevision } from "../db/revisions.ts";
import { listTaskRuns } from "../db/run-detail.ts";
import {
  findRunSource,
  type InsertedRun,
  insertRerunTaskRuns,
  insertRun,
  insertRunEvents,
  type RunCaller,
  type RunOfBackfill,
  type RunSourceRow,
} from "../db/runs.ts";
import type { Queryable } from "../db/sql.ts";
import { repin } from "./flow-pins.ts";
import { holdBeyondLimit } from "./release-runs.ts";
import { decideUndecided } from "./settle.ts";

export interface PreparedRerun {
  source: RunSourceRow;
  manifest: SealedManifest;
  plan: RerunPlan;
}

/**
 * What a rerun of an ended run would do, task by task, with the proof that it is the same run again.
 * Reads only.
 * @param input.scope `all`, `failed` or `from:<task>`
 * @throws AppError NOT_FOUND, INVALID_INPUT (bad scope, live run), NOTHING_TO_RUN
 */
export async function prepareRerun(
  sql: Queryable,
  input: { id: string; scope: string },
): Promise<PreparedRerun> {
  const scope = parseScope(input.scope);
  const source = (await findRunSource(sql, input.id)) ?? noSuchRun(input.id);
  const revision = await findRevision(sql, source.flowId, source.revisionNumber);
  if (revision === null) throw new Error(`the revision of run ${source.id} vanished`);
  const manifest = sealManifest({
    flow: source.flowId,
    revisionHash: sha256Hex(canonicalJson(revision.spec)),
    params: source.params,
    interval:
      source.intervalStart === null || source.intervalEnd === null
        ? null
        : { start: source.intervalStart.toISOString(), end: source.intervalEnd.toISOString() },
    timezone: source.timezone,
    flows: await repin(sql, pinsOf(source.manifestText)),
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

/** Who asks for a rerun, and why. */
export interface RerunOrder {
  /** The actor's name, for the record. */
  createdBy: string;
  /** The same key makes one run, however often it is sent. */
  idempotencyKey: string;
  /** SHA-256 of the request, so that a key is not used twice for different ones. */
  requestHash: string;
  /** Why guarded tasks run again; without one, a plan with guarded tasks is refused. */
  reason?: string | undefined;
  /** The row of a backfill's ledger that the rerun works off. */
  backfill?: RunOfBackfill;
  /** The task run that the rerun is made for. */
  caller?: RunCaller;
  /** Higher goes first; default 0. */
  priority?: number;
}

/**
 * Creates the run that `prepareRerun` planned, within the caller's transaction, which also prepared
 * it, and wakes the runners when it commits.
 * @returns `created: false` with the run that the same idempotency key made before
 * @throws AppError IDENTITY_DIFFERS, GUARD_REASON_REQUIRED; nothing is stored then
 */
export async function startRerun(
  client: PoolClient,
  { source, manifest, plan }: PreparedRerun,
  order: RerunOrder,
): Promise<InsertedRun> {
  refuseDifferent(plan.certificate);
  const { reason, caller, priority = 0 } = order;
  if (plan.guardedTasks.length > 0 && reason === undefined) {
    throw new AppError(
      "GUARD_REASON_REQUIRED",
      `These tasks succeeded and running them again repeats their effects: ${plan.guardedTasks.join(", ")}.`,
      { fix: "Type a reason; it is recorded with the run.", data: { tasks: plan.guardedTasks } },
    );
  }
  // A rerun by hand works the row off as well that its parent could not.
  const place = order.backfill === undefined ? await findOpenPlace(client, source.id) : null;
  const backfill = order.backfill ?? place ?? undefined;
  const inserted = await insertRun(client, {
    flowId: source.flowId,
    revisionId: source.revisionId,
    manifest,
    params: source.params,
    interval: manifest.manifest.interval,
    timezone: source.timezone,
    trigger: "rerun",
    createdBy: order.createdBy,
    idempotencyKey: order.idempotencyKey,
    requestHash: order.requestHash,
    parent: {
      id: source.id,
      scope: plan.scope,
      planHash: plan.hash,
      certificate: plan.certificate,
    },
    ...(reason === undefined ? {} : { reason }),
    ...(backfill === undefined ? {} : { backfill }),
    ...(caller === undefined ? {} : { caller }),
    priority,
  });
  if (!inserted.created) return inserted;
  const { id, limited } = inserted;
  if (place !== null) await adopt(client, place, { id, actor: order.createdBy, parent: source.id });
  const fresh = { id, flowId: source.flowId, limited, held: false };
  const held = (await holdBeyondLimit(client, [fresh])).has(id);
  const { undecided } = await insertRerunTaskRuns(
    client,
    id,
    source.revisionId,
    plan.tasks,
    priority,
    held,
  );
  const detail = {
    parent: source.id,
    scope: plan.scope,
    ...(backfill === undefined ? {} : { backfill }),
    ...(caller === undefined ? {} : { caller }),
    ...(reason === undefined ? {} : { reason, guarded: plan.guardedTasks }),
  };
  await insertRunEvents(client, [{ runId: id, actor: order.createdBy, verb: "rerun", detail }]);
  if (undecided) await decideUndecided(client, id);
  await announceRuns(client, [id, source.id]);
  return inserted;
}

/** Gives a rerun its place in the ledger of its parent's backfill. */
async function adopt(
  client: PoolClient,
  place: OpenPlace,
  run: { id: string; actor: string; parent: string },
): Promise<void> {
  await adoptRun(client, place, run.id);
  const detail = { run: run.id, parent: run.parent, ordinal: place.ordinal };
  await insertBackfillEvents(client, [{ id: place.id, actor: run.actor, verb: "rerun", detail }]);
  await wakeBackfills(client);
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
