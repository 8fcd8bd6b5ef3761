/**
 * The one way into being for reruns: planned, certified, guarded and inserted within the caller's
 * transaction, so that people, programs and the engine itself make them alike.
 */
import type { PoolClient } from "pg";
import { AppError } from "../../core/errors.ts";
import { canonicalJson, sha256Hex } from "../../core/flow/canonical.ts";
import type { FlowSpec, Writes } from "../../core/flow/spec.ts";
import {
  certify,
  type Pins,
  pinsOf,
  type SealedManifest,
  sealManifest,
} from "../../core/run/manifest.ts";
import { noSuchRun } from "../../core/run/refusals.ts";
import { parseScope, planRerun, type RerunScope } from "../../core/run/rerun.ts";
import type { RerunPlan } from "../../core/run/rerun-view.ts";
import { adoptRun, findOpenPlace, type OpenPlace } from "../../db/backfill/backfill-window.ts";
import { insertBackfillEvents } from "../../db/backfill/backfills.ts";
import { findRevision } from "../../db/flow/revisions.ts";
import { announceRuns, wakeBackfills } from "../../db/live/notify.ts";
import {
  fillReruns,
  findRunSources,
  type InsertedRun,
  insertRunEvents,
  insertRuns,
  listRerunTasks,
  type NewRun,
  type RerunTaskRow,
  type RunCaller,
  type RunOfBackfill,
  type RunSourceRow,
} from "../../db/run/runs.ts";
import { intervalOf, type Queryable } from "../../db/sql.ts";
import { decideUndecided } from "../settle/settle.ts";
import { repin } from "./flow-pins.ts";
import { holdBeyondLimit } from "./release-runs.ts";

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
  const [prepared] = await prepareReruns(sql, [input.id], input.scope);
  return accepted(prepared);
}

/**
 * `prepareRerun` of many runs, with as many statements as for one.
 * @returns for each run, in order, what was prepared or why it cannot be
 * @throws AppError INVALID_INPUT for a bad scope
 */
export async function prepareReruns(
  sql: Queryable,
  ids: readonly string[],
  scopeText: string,
): Promise<(PreparedRerun | AppError)[]> {
  const scope = parseScope(scopeText);
  const [sources, tasks] = [await findRunSources(sql, ids), await listRerunTasks(sql, ids)];
  const specs = new Map<string, HashedSpec>();
  const prepared: (PreparedRerun | AppError)[] = [];
  for (const id of ids) {
    try {
      const source = sources.get(id) ?? noSuchRun(id);
      const spec = specs.get(source.revisionId) ?? (await readSpec(sql, source));
      specs.set(source.revisionId, spec);
      const flows = await repin(sql, pinsOf(source.manifestText));
      prepared.push(prepareOne(source, spec, flows, tasks.get(id) ?? [], scope));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      prepared.push(error);
    }
  }
  return prepared;
}

interface HashedSpec {
  spec: FlowSpec;
  /** Computed anew from what is stored. */
  hash: string;
}

async function readSpec(sql: Queryable, source: RunSourceRow): Promise<HashedSpec> {
  const revision = await findRevision(sql, source.flowId, source.revisionNumber);
  if (revision === null) throw new Error(`the revision of run ${source.id} vanished`);
  return { spec: revision.spec, hash: sha256Hex(canonicalJson(revision.spec)) };
}

function prepareOne(
  source: RunSourceRow,
  { spec, hash }: HashedSpec,
  flows: Pins | null,
  tasks: readonly RerunTaskRow[],
  scope: RerunScope,
): PreparedRerun {
  const manifest = sealManifest({
    flow: source.flowId,
    revisionHash: hash,
    params: source.params,
    interval: intervalOf(source.intervalStart, source.intervalEnd),
    timezone: source.timezone,
    flows,
  });
  const writesOf = (id: string): Writes => spec.tasks[id]?.writes ?? { mode: "none" };
  const ordinals = new Map(tasks.map((task) => [task.id, task.ordinal]));
  const plan = planRerun({
    run: source.id,
    scope,
    graph: {
      taskIds: tasks.map((task) => task.id),
      parents: tasks.map((task) =>
        (spec.tasks[task.id]?.needs ?? [])
          .map((need) => ordinals.get(need) as number)
          .sort((a, b) => a - b),
      ),
    },
    tasks: tasks.map((task) => ({
      state: task.state,
      reusedFrom: task.reusedFrom,
      writes: writesOf(task.id),
    })),
    names: Object.fromEntries(
      Object.entries(spec.tasks).flatMap(([id, { name }]) =>
        name === undefined ? [] : [[id, name]],
      ),
    ),
    certificate: certify({ text: source.manifestText, identity: source.identity }, manifest),
  });
  return { source, manifest, plan };
}

function accepted<T>(result: T | AppError | undefined): T {
  if (result === undefined) throw new Error("a rerun without a result");
  if (result instanceof AppError) throw result;
  return result;
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
  prepared: PreparedRerun,
  order: RerunOrder,
): Promise<InsertedRun> {
  const [started] = await startReruns(client, [{ prepared, order }]);
  return accepted(started);
}

/** A rerun that is planned, and who asks for it. */
export interface PlannedRerun {
  prepared: PreparedRerun;
  order: RerunOrder;
}

/**
 * `startRerun` of many plans, with nearly as many statements as for one.
 * @returns for each plan, in order, its run or why it is refused; nothing is stored of those
 */
export async function startReruns(
  client: PoolClient,
  planned: readonly PlannedRerun[],
): Promise<(InsertedRun | AppError)[]> {
  const results: (InsertedRun | AppError | null)[] = planned.map(refusalOf);
  const allowed = planned.flatMap((one, index) =>
    results[index] === null ? [{ one, index }] : [],
  );
  const placed: Placed[] = [];
  for (const { one, index } of allowed)
    placed.push({ ...one, index, place: await placeOf(client, one) });
  const inserted = await insertRuns(client, placed.map(newRunOf));
  const created: (Placed & { id: string; limited: boolean })[] = [];
  for (const [at, one] of placed.entries()) {
    const run = accepted(inserted[at]);
    results[one.index] = run;
    if (run.created) created.push({ ...one, id: run.id, limited: run.limited });
  }
  if (created.length > 0) await fill(client, created);
  return results.map((result) => {
    if (result === null) throw new Error("a rerun without a result");
    return result;
  });
}

interface Placed extends PlannedRerun {
  index: number;
  place: OpenPlace | null;
}

/** A rerun by hand works the row off as well that its parent could not. */
async function placeOf(
  client: PoolClient,
  { prepared: { source }, order }: PlannedRerun,
): Promise<OpenPlace | null> {
  if (order.backfill !== undefined || source.backfill === null) return null;
  return findOpenPlace(client, source.id);
}

const backfillOf = ({ order, place }: Placed): RunOfBackfill | undefined =>
  order.backfill ?? place ?? undefined;

function newRunOf(planned: Placed): NewRun {
  const { source, manifest, plan } = planned.prepared;
  const { reason, caller, priority = 0, createdBy, idempotencyKey, requestHash } = planned.order;
  const backfill = backfillOf(planned);
  return {
    flowId: source.flowId,
    revisionId: source.revisionId,
    manifest,
    params: source.params,
    interval: manifest.manifest.interval,
    timezone: source.timezone,
    trigger: "rerun",
    createdBy,
    idempotencyKey,
    requestHash,
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
  };
}

/** Gives reruns that have been inserted their tasks, and all that goes with it. */
async function fill(
  client: PoolClient,
  created: readonly (Placed & { id: string; limited: boolean })[],
): Promise<void> {
  for (const { place, id, order, prepared } of created) {
    if (place === null) continue;
    await adopt(client, place, { id, actor: order.createdBy, parent: prepared.source.id });
  }
  const held = await holdBeyondLimit(
    client,
    created.map(({ id, limited, prepared }) => ({
      id,
      flowId: prepared.source.flowId,
      limited,
      held: false,
    })),
  );
  const undecided = await fillReruns(
    client,
    created.map(({ id, prepared: { source, plan }, order }) => ({
      id,
      revisionId: source.revisionId,
      plan: plan.tasks,
      priority: order.priority ?? 0,
      held: held.has(id),
    })),
  );
  await insertRunEvents(
    client,
    created.map((one) => ({
      runId: one.id,
      actor: one.order.createdBy,
      verb: "rerun",
      detail: detailOf(one),
    })),
  );
  for (const id of undecided) await decideUndecided(client, id);
  await announceRuns(
    client,
    created.flatMap(({ id, prepared }) => [id, prepared.source.id]),
  );
}

function detailOf(planned: Placed): Record<string, unknown> {
  const { plan, source } = planned.prepared;
  const { caller, reason } = planned.order;
  const backfill = backfillOf(planned);
  return {
    parent: source.id,
    scope: plan.scope,
    ...(backfill === undefined ? {} : { backfill }),
    ...(caller === undefined ? {} : { caller }),
    ...(reason === undefined ? {} : { reason, guarded: plan.guardedTasks }),
  };
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

/** Why a plan is not executed: it would not be the same run, or repeats effects without a reason. */
function refusalOf({ prepared: { plan }, order }: PlannedRerun): AppError | null {
  const { certificate, guardedTasks } = plan;
  if (certificate.verdict !== "identical") {
    const fields = certificate.differences.map((difference) => difference.field).join(", ");
    return new AppError(
      "IDENTITY_DIFFERS",
      `The rerun would differ from its parent in: ${fields}.`,
      {
        fix: "Use Run with changes instead.",
        data: { differences: certificate.differences },
      },
    );
  }
  if (guardedTasks.length === 0 || order.reason !== undefined) return null;
  return new AppError(
    "GUARD_REASON_REQUIRED",
    `These tasks succeeded and running them again repeats their effects: ${guardedTasks.join(", ")}.`,
    { fix: "Type a reason; it is recorded with the run.", data: { tasks: guardedTasks } },
  );
}
