import { type Actor, authorise } from "#server/auth/actor.ts";
import { cutRange } from "#server/core/backfill/intervals.ts";
import {
  hashPlan,
  type LatestRun,
  type PlannedRow,
  planRows,
  type Subject,
  totalsOf,
} from "#server/core/backfill/plan.ts";
import type { BackfillRequest } from "#server/core/backfill/request.ts";
import type { BackfillPlan } from "#server/core/backfill/view.ts";
import { AppError } from "#server/core/errors.ts";
import { canonicalJson } from "#server/core/flow/canonical.ts";
import type { FlowSpec, Json, ScheduleSpec } from "#server/core/flow/spec.ts";
import { checkParams } from "#server/core/run/check-order.ts";
import { isUnsafe } from "#server/core/run/rerun.ts";
import { readBound } from "#server/core/schedule/bounds.ts";
import { scheduleClock } from "#server/core/schedule/clock.ts";
import type { Span, TickClock } from "#server/core/schedule/ticks.ts";
import { listBackfillRows } from "#server/db/backfill/backfill-views.ts";
import {
  findRunsOfIntervals,
  findRunsOfSets,
  type HistoryQuery,
  insertBackfill,
} from "#server/db/backfill/backfills.ts";
import { findRevision, type RevisionRow } from "#server/db/flow/revisions.ts";
import type { Queryable } from "#server/db/sql.ts";
import { inTransaction } from "#server/db/transaction.ts";
import { faultPoint } from "#server/engine/faults.ts";
import type { Deps } from "#server/usecases/deps.ts";
import { requireInterval } from "#server/usecases/flows/needed-interval.ts";
import { requireRevision } from "#server/usecases/flows/require.ts";
import { refuseArchived } from "#server/usecases/runs/create.ts";
import type { BackfillPlanInput } from "./inputs.ts";

const FIRST_ROWS = 100;

/**
 * Plans a backfill and stores the plan: what each interval would have done to it and why. Nothing
 * runs before the plan is started; one that never is goes away after a day.
 * @throws AppError NOT_FOUND, FLOW_ARCHIVED, INVALID_PARAMS, INVALID_INPUT
 */
export async function planBackfill(
  deps: Deps,
  actor: Actor,
  input: BackfillPlanInput,
): Promise<BackfillPlan> {
  authorise(actor, "run:start");
  const revision = requireRevision(
    await findRevision(deps.pool, input.flow, input.revision ?? null),
    input.flow,
    input.revision,
  );
  if (revision.archivedAt !== null) refuseArchived(input.flow);
  // Runs of parameter sets have no interval.
  if (input.sets !== undefined) await requireInterval(deps.pool, revision, null);
  const request = completeRequest(revision, input);
  const { rows, hash } = await makePlan(deps.pool, revision, request);
  const head = {
    flowId: revision.flowId,
    revisionId: revision.id,
    request,
    planHash: hash,
    createdBy: actor.name,
  };
  const id = await inTransaction(deps.pool, async (client) => {
    const inserted = await insertBackfill(client, head, rows);
    faultPoint("within-plan");
    return inserted;
  });
  faultPoint("after-plan");
  const first = await listBackfillRows(deps.pool, id, { after: -1 }, FIRST_ROWS);
  const { counts, reasons, guardedRows } = totalsOf(rows);
  return {
    id,
    hash,
    flow: revision.flowId,
    revision: revision.number,
    latestRevision: revision.latestNumber,
    source: request.source,
    range: rangeOf(rows),
    timezone: request.timezone,
    params: request.params,
    total: rows.length,
    counts,
    reasons,
    guarded: { rows: guardedRows, tasks: guardedTasksOf(revision.spec) },
    rows: { items: first, next: rows.length > FIRST_ROWS ? String(FIRST_ROWS - 1) : null },
  };
}

/** Fills in what was left open, by the revision that will run. */
function completeRequest(revision: RevisionRow, input: BackfillPlanInput): BackfillRequest {
  const { spec } = revision;
  const { order, concurrency, reprocess } = input;
  const step = input.step ?? (spec.schedules.length > 0 ? "schedule" : "day");
  const schedule = scheduleOf(revision, input, step);
  const timezone = zoneOf(spec, schedule, input.timezone);
  const common = {
    flow: revision.flowId,
    revision: revision.number,
    timezone,
    order,
    concurrency,
    reprocess,
    canary: input.canary ?? null,
    stopAfter: input.stopAfter ?? null,
  };
  if (input.sets !== undefined) {
    const sets = input.sets.map((set) => checkParams(spec.params, { ...input.params, ...set }));
    refuseEqual(sets.map((set) => canonicalJson(set)));
    return { ...common, source: { kind: "sets" }, params: input.params, sets };
  }
  const params = checkParams(spec.params, { ...schedule?.spec.params, ...input.params });
  if (input.intervals !== undefined) {
    const spans = input.intervals
      .map(({ start, end }) => ({ start: Date.parse(start), end: Date.parse(end) }))
      .sort((a, b) => a.start - b.start || a.end - b.end);
    refuseEqual(spans.map(({ start, end }) => `${start}/${end}`));
    return { ...common, source: { kind: "intervals" }, params, spans };
  }
  return {
    ...common,
    source: {
      kind: "range",
      from: isoOf(boundOf("from", input.from ?? "", timezone)),
      to: isoOf(boundOf("to", input.to ?? "", timezone)),
      step,
      schedule: schedule?.position ?? null,
    },
    params,
  };
}

interface ChosenSchedule {
  spec: ScheduleSpec;
  /** Counted from 1. */
  position: number;
}

/** @throws AppError INVALID_INPUT when the revision lacks the schedule */
function scheduleOf(
  { spec, flowId, number }: RevisionRow,
  input: BackfillPlanInput,
  step: string,
): ChosenSchedule | null {
  if (step !== "schedule" || input.from === undefined) return null;
  const position = input.schedule ?? 1;
  const schedule = spec.schedules[position - 1];
  if (schedule !== undefined) return { spec: schedule, position };
  const which = spec.schedules.length === 0 ? "no schedule" : `no schedule ${position}`;
  throw new AppError("INVALID_INPUT", `The flow "${flowId}" r${number} has ${which}.`, {
    fix: "Choose another step: hour, day, week or month.",
  });
}

/** @throws AppError INVALID_INPUT when the zone is not that of the schedule */
function zoneOf(
  spec: FlowSpec,
  schedule: ChosenSchedule | null,
  asked: string | undefined,
): string {
  if (schedule === null) return asked ?? spec.schedules[0]?.timezone ?? "UTC";
  const { timezone } = schedule.spec;
  if (asked === undefined || asked === timezone) return timezone;
  throw new AppError("INVALID_INPUT", `The schedule's time zone is ${timezone}, not ${asked}.`, {
    fix: "Leave the time zone out, or choose another step.",
  });
}

function boundOf(name: string, text: string, timezone: string): number {
  const instant = readBound(text, timezone);
  if (instant !== null) return instant;
  throw new AppError("INVALID_INPUT", `${name}: "${text}" is no date and time.`, {
    fix: "Write 2012-01-05, 2012-01-05T06:00 or 2012-01-05T06:00:00+09:00.",
  });
}

function refuseEqual(subjects: readonly string[]): void {
  const seen = new Set<string>();
  for (const [index, subject] of subjects.entries()) {
    if (seen.has(subject)) {
      throw new AppError("INVALID_INPUT", `Number ${index + 1} is there twice: ${subject}.`, {
        fix: "Name each interval or set of parameters once.",
      });
    }
    seen.add(subject);
  }
}

/**
 * Decides about every interval or set of a request, by the runs that there are now.
 * @throws AppError INVALID_INPUT when the range holds none or too many
 */
export async function makePlan(
  sql: Queryable,
  revision: RevisionRow,
  request: BackfillRequest,
): Promise<{ rows: PlannedRow[]; hash: string }> {
  const subjects = subjectsOf(revision.spec, request);
  const query = { flowId: revision.flowId, guardedTasks: guardedTasksOf(revision.spec) };
  const latestOf = await findHistory(sql, query, request.params, subjects);
  const rows = planRows(subjects, latestOf, request.reprocess);
  const { spans: _spans, sets: _sets, ...head } = request;
  return { rows, hash: hashPlan(canonicalJson({ ...head, revision: revision.hash }), rows) };
}

function subjectsOf(spec: FlowSpec, request: BackfillRequest): Subject[] {
  const { source, order } = request;
  const subjects: Subject[] =
    request.sets !== undefined
      ? request.sets.map((params) => ({ span: null, params }))
      : spansOf(spec, request).map((span) => ({ span, params: null }));
  return source.kind !== "sets" && order === "desc" ? subjects.reverse() : subjects;
}

function spansOf(spec: FlowSpec, { source, spans, timezone }: BackfillRequest): Span[] {
  if (source.kind !== "range") return spans ?? [];
  const { from, to, step } = source;
  const schedule = source.schedule === null ? undefined : spec.schedules[source.schedule - 1];
  // A backfill reaches before the start of a schedule and beyond its end.
  const clock: TickClock | null =
    schedule === undefined ? null : { ...scheduleClock(schedule), start: null, end: null };
  return cutRange({ from: Date.parse(from), to: Date.parse(to), step, timezone, clock });
}

async function findHistory(
  sql: Queryable,
  query: HistoryQuery,
  params: Record<string, Json>,
  subjects: readonly Subject[],
): Promise<(index: number) => LatestRun | undefined> {
  const spans = subjects.flatMap(({ span }) => (span === null ? [] : [span]));
  if (spans.length === 0) {
    const sets = subjects.map((subject) => subject.params ?? {});
    const runs = await findRunsOfSets(sql, query, sets);
    return (index) => runs.get(index);
  }
  const starts = [spans[0]?.start ?? 0, spans.at(-1)?.start ?? 0];
  const range = { start: Math.min(...starts), end: Math.max(...starts) + 1 };
  const runs = new Map<string, LatestRun>();
  for (const run of await findRunsOfIntervals(sql, query, range, params)) {
    runs.set(`${run.span.start}/${run.span.end}`, run);
  }
  return (index) => {
    const span = subjects[index]?.span;
    return span == null ? undefined : runs.get(`${span.start}/${span.end}`);
  };
}

/** Tasks whose effects are not replaced by running them again. */
export function guardedTasksOf(spec: FlowSpec): string[] {
  return Object.entries(spec.tasks).flatMap(([id, { writes }]) => (isUnsafe(writes) ? [id] : []));
}

function rangeOf(rows: readonly PlannedRow[]): { start: string; end: string } | null {
  let [start, end] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { span } of rows) {
    if (span === null) return null;
    start = Math.min(start, span.start);
    end = Math.max(end, span.end);
  }
  return { start: isoOf(start), end: isoOf(end) };
}

const isoOf = (instant: number) => new Date(instant).toISOString();
