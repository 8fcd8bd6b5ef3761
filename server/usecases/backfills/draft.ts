import { type Actor, authorise } from "#server/auth/actor.ts";
import type {
  BackfillDraftView,
  BackfillSummary,
  ChosenIntervals,
  ScheduleChoice,
} from "#server/core/backfill/view.ts";
import { AppError } from "#server/core/errors.ts";
import { canonicalJson } from "#server/core/flow/canonical.ts";
import { defaultParams } from "#server/core/flow/params/params.ts";
import type { FlowSpec, Json } from "#server/core/flow/spec.ts";
import { pickCells, readPick } from "#server/core/run/calendar-view.ts";
import type { IntervalView } from "#server/core/run/view.ts";
import { readBound } from "#server/core/schedule/bounds.ts";
import { describeCron } from "#server/core/schedule/words.ts";
import { findRequest, readCells } from "#server/db/backfill/backfill-views.ts";
import { readNow } from "#server/db/clock.ts";
import { findLatestInterval } from "#server/db/flow/calendar.ts";
import { findRevision } from "#server/db/flow/revisions.ts";
import type { Deps } from "#server/usecases/deps.ts";
import { getCalendar } from "#server/usecases/flows/calendar.ts";
import { requireRevision } from "#server/usecases/flows/require.ts";
import { getDraft } from "#server/usecases/runs/draft.ts";
import type { BackfillDraftInput } from "./inputs.ts";
import { getBackfill, noBackfill } from "./read.ts";

type Params = Record<string, Json>;

/**
 * What the form of a backfill starts from: the parameters and schedules of a revision, and whatever
 * an earlier backfill or the calendar says besides. Values of parameters that the revision lacks are
 * left out.
 * @throws AppError NOT_FOUND for flow, revision or backfill, INVALID_INPUT for a pick that is none
 */
export async function getBackfillDraft(
  deps: Deps,
  actor: Actor,
  { flow, revision, from, calendar }: BackfillDraftInput,
): Promise<BackfillDraftView> {
  authorise(actor, "backfill:read");
  const found = await findRevision(deps.pool, flow, revision ?? null);
  const { spec } = requireRevision(found, flow, revision);
  const run = await getDraft(deps, actor, {
    flow,
    ...(revision === undefined ? {} : { revision }),
  });
  const schedules = schedulesOf(spec);
  const earlier = from === undefined ? null : await getEarlier(deps, actor, flow, from);
  const picked = calendar === undefined ? null : await pickOf(deps, actor, flow, calendar);
  const given = picked?.params ?? earlier?.params ?? schedules[0]?.params ?? {};
  return {
    run: {
      ...run,
      needsInterval: false,
      interval: null,
      params: { ...run.params, ...knownOf(spec, given) },
      timezone: earlier?.summary.timezone ?? run.timezone,
    },
    schedules,
    earlier: earlier?.summary ?? null,
    sets: earlier?.sets?.map((set) => knownOf(spec, set)) ?? null,
    chosen: picked?.chosen ?? earlier?.chosen ?? null,
    latest: await findLatestInterval(deps.pool, flow),
    now: (await readNow(deps.pool)).toISOString(),
  };
}

function schedulesOf({ schedules }: FlowSpec): ScheduleChoice[] {
  return schedules.map(({ cron, timezone, start, end, params }, index) => ({
    position: index + 1,
    cron,
    words: describeCron(cron),
    timezone,
    start: boundOf(start, timezone),
    end: boundOf(end, timezone),
    params: params ?? {},
  }));
}

function boundOf(text: string | undefined, timezone: string): string | null {
  const instant = text === undefined ? null : readBound(text, timezone);
  return instant === null ? null : new Date(instant).toISOString();
}

function knownOf({ params }: FlowSpec, values: Params): Params {
  const known = Object.entries(values).filter(([name]) => Object.hasOwn(params, name));
  return Object.fromEntries(known);
}

interface Earlier {
  summary: BackfillSummary;
  /** As they were given: unlike a summary, a form also holds what is hidden from view. */
  params: Params;
  sets: Params[] | null;
  chosen: ChosenIntervals | null;
}

async function getEarlier(deps: Deps, actor: Actor, flow: string, id: string): Promise<Earlier> {
  const summary = await getBackfill(deps, actor, { id });
  if (summary.flow !== flow) return noBackfill(id);
  const request = (await findRequest(deps.pool, id)) ?? noBackfill(id);
  const { params } = request;
  if (summary.source.kind === "range") return { summary, params, sets: null, chosen: null };
  if (summary.source.kind === "intervals") {
    const cells = (await readCells(deps.pool, id)) ?? noBackfill(id);
    const intervals = intervalsAt(cells.starts ?? [], cells.ends ?? []);
    return { summary, params, sets: null, chosen: { intervals, from: { kind: "backfill", id } } };
  }
  const revision = await findRevision(deps.pool, flow, request.revision);
  const { spec } = requireRevision(revision, flow, request.revision);
  const common = { ...defaultParams(spec.params), ...params };
  const sets = (request.sets ?? []).map((set) => differenceOf(set, common));
  return { summary, params, sets, chosen: null };
}

/** What a set says beyond what all have in common: an optional value that is absent says nothing. */
function differenceOf(set: Params, common: Params): Params {
  const own = Object.entries(set).filter(([name, value]) => {
    const shared = common[name] ?? null;
    return canonicalJson(value) !== canonicalJson(shared);
  });
  return Object.fromEntries(own);
}

async function pickOf(
  deps: Deps,
  actor: Actor,
  flow: string,
  { pick: text, ...what }: NonNullable<BackfillDraftInput["calendar"]>,
): Promise<{ params: Params | null; chosen: ChosenIntervals | null }> {
  const pick = readPick(text);
  if (pick === null) {
    throw new AppError("INVALID_INPUT", `"${text}" picks no intervals.`, {
      fix: "Pick a state, such as failed, or what was built before a revision, such as r3.",
    });
  }
  const calendar = await getCalendar(deps, actor, { flow, ...what });
  const cells = pickCells(calendar, pick);
  const at = (list: number[]) => cells.map((cell) => list[cell] ?? 0);
  const intervals = intervalsAt(at(calendar.starts), at(calendar.ends));
  return {
    params: calendar.params,
    // Nothing is left of what was picked: the form asks for dates.
    chosen:
      intervals.length === 0
        ? null
        : { intervals, from: { kind: "calendar", year: calendar.year, pick } },
  };
}

function intervalsAt(starts: readonly number[], ends: readonly number[]): IntervalView[] {
  return starts.map((start, i) => ({
    start: new Date(start).toISOString(),
    end: new Date(ends[i] ?? start).toISOString(),
  }));
}
