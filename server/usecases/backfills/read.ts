import { type Actor, authorise } from "#server/auth/actor.ts";
import { controlsOf } from "#server/core/backfill/controls.ts";
import { progressOf } from "#server/core/backfill/progress.ts";
import { backfillStates, fillCounts, isBackfillEnded } from "#server/core/backfill/states.ts";
import type {
  BackfillCells,
  BackfillDetail,
  BackfillList,
  BackfillRowView,
  BackfillSummary,
} from "#server/core/backfill/view.ts";
import { whyBackfillWaits } from "#server/core/backfill/wait.ts";
import { AppError } from "#server/core/errors.ts";
import { hideWriteOnly } from "#server/core/flow/params/write-only.ts";
import type { Page } from "#server/core/page.ts";
import {
  type BackfillViewRow,
  countGuardedRows,
  listBackfillEvents,
  listBackfillRows,
  listWaitingBackfills,
  readCells,
  listBackfills as selectBackfills,
} from "#server/db/backfill/backfill-views.ts";
import { readNow } from "#server/db/clock.ts";
import { findRevision } from "#server/db/flow/revisions.ts";
import { intervalOf, iso } from "#server/db/sql.ts";
import type { Deps } from "#server/usecases/deps.ts";
import type { BackfillInput, BackfillListInput, BackfillRowsInput } from "./inputs.ts";
import { guardedTasksOf } from "./plan.ts";

const EVENTS = 50;
const started = backfillStates.filter((state) => state !== "planned");

/** Backfills, newest first. */
export async function listBackfills(
  deps: Deps,
  actor: Actor,
  input: BackfillListInput,
): Promise<BackfillList> {
  authorise(actor, "backfill:read");
  const filter = {
    flow: input.flow,
    states: input.state ?? started,
    before: input.cursor ?? undefined,
  };
  const rows = await selectBackfills(deps.pool, filter, input.limit + 1);
  const page = rows.slice(0, input.limit);
  return {
    items: page.map(toSummary),
    next: rows.length > input.limit ? (page.at(-1)?.id ?? null) : null,
    now: (await readNow(deps.pool)).toISOString(),
  };
}

/** @throws AppError NOT_FOUND */
export async function getBackfill(
  deps: Deps,
  actor: Actor,
  { id }: BackfillInput,
): Promise<BackfillDetail> {
  authorise(actor, "backfill:read");
  const [[row], events, guardedRows, [window]] = await Promise.all([
    selectBackfills(deps.pool, { id }, 1),
    listBackfillEvents(deps.pool, id, EVENTS),
    countGuardedRows(deps.pool, id),
    listWaitingBackfills(deps.pool, id),
  ]);
  if (row === undefined) return noBackfill(id);
  const tasks = guardedRows === 0 ? [] : await readGuardedTasks(deps, row);
  const summary = toSummary(row);
  return {
    ...summary,
    latestRevision: row.latestRevision,
    planHash: row.planHash,
    guarded: { rows: guardedRows, tasks },
    waits: window === undefined ? null : whyBackfillWaits(window),
    controls: controlsOf(row.state, summary.counts),
    events,
    version: row.version,
    now: row.now.toISOString(),
  };
}

async function readGuardedTasks(deps: Deps, row: BackfillViewRow): Promise<string[]> {
  const revision = await findRevision(deps.pool, row.flowId, row.revision);
  return revision === null ? [] : guardedTasksOf(revision.spec);
}

/**
 * All rows in compact form.
 * @throws AppError NOT_FOUND
 */
export async function getBackfillCells(
  deps: Deps,
  actor: Actor,
  { id }: BackfillInput,
): Promise<BackfillCells> {
  authorise(actor, "backfill:read");
  return (await readCells(deps.pool, id)) ?? noBackfill(id);
}

/** Rows of the ledger in the order of work; none when there is no such backfill. */
export async function listBackfillIntervals(
  deps: Deps,
  actor: Actor,
  input: BackfillRowsInput,
): Promise<Page<BackfillRowView>> {
  authorise(actor, "backfill:read");
  const filter = { states: input.state, after: input.cursor == null ? -1 : Number(input.cursor) };
  const rows = await listBackfillRows(deps.pool, input.id, filter, input.limit + 1);
  const items = rows.slice(0, input.limit);
  const last = rows.length > input.limit ? items.at(-1) : undefined;
  return { items, next: last === undefined ? null : String(last.ordinal) };
}

/** The refusal for a backfill that is not there, the same wherever it is asked for. */
export function noBackfill(id: string): never {
  throw new AppError("NOT_FOUND", `There is no backfill ${id}.`, {
    fix: "Look at the list of backfills; a plan that was not started goes away after a day.",
  });
}

function toSummary(row: BackfillViewRow): BackfillSummary {
  const counts = fillCounts(row.counts);
  const now = row.now.getTime();
  const { perHour, eta } = progressOf({
    ended: row.pace.ended,
    since: row.pace.since === null ? now : Date.parse(row.pace.since),
    now,
    left: isBackfillEnded(row.state) ? 0 : counts.waiting + counts.running,
    moving: row.state === "running" || row.state === "cancelling",
  });
  return {
    id: row.id,
    flow: row.flowId,
    flowName: row.flowName,
    revision: row.revision,
    state: row.state,
    source: row.request.source,
    range: intervalOf(row.rangeStart, row.rangeEnd),
    timezone: row.timezone,
    params: hideWriteOnly(row.schemas, row.params),
    order: row.request.order,
    concurrency: row.concurrency,
    reprocess: row.request.reprocess,
    canary: row.canary === 0 ? null : row.canary,
    stopAfter: row.stopAfter,
    total: row.total,
    counts,
    pause: row.pause,
    reason: row.reason,
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    startedAt: iso(row.startedAt),
    finishedAt: iso(row.finishedAt),
    perHour,
    eta: eta === null ? null : new Date(eta).toISOString(),
  };
}
