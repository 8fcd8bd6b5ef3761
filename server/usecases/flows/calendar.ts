import { type Actor, authorise } from "#server/auth/actor.ts";
import { AppError } from "#server/core/errors.ts";
import { canonicalJson } from "#server/core/flow/canonical.ts";
import { isRequired } from "#server/core/flow/params/params.ts";
import { mentionsWriteOnly } from "#server/core/flow/params/write-only.ts";
import type { FlowSpec, Json, ParamSchema } from "#server/core/flow/spec.ts";
import { fitDays } from "#server/core/run/calendar-parts.ts";
import {
  type FlowCalendar,
  MAX_CALENDAR_CELLS,
  MAX_PARAM_CHOICES,
  type ParamChoice,
} from "#server/core/run/calendar-view.ts";
import { readBound } from "#server/core/schedule/bounds.ts";
import { readNow } from "#server/db/clock.ts";
import { findIntervalEnds, findParamChoices, readCalendar } from "#server/db/flow/calendar.ts";
import { findRevision } from "#server/db/flow/revisions.ts";
import type { Deps } from "#server/usecases/deps.ts";
import type { CalendarInput } from "./inputs.ts";
import { requireRevision } from "./require.ts";

/**
 * A year of a flow's intervals, each by its newest run; the year of the last interval by default.
 * Of more than MAX_CALENDAR_CELLS it gives the whole days that fit, and the day to go on from.
 * Runs count as they do for a backfill: those with another value for a parameter are about other
 * data. What is hidden from view, such as a password, says nothing of that. Unless somebody chooses, the parameters are those of the first schedule, or the defaults.
 * @throws AppError NOT_FOUND; INVALID_INPUT for a part of another year
 */
export async function getCalendar(
  deps: Deps,
  actor: Actor,
  { flow, year: asked, since, params: wanted }: CalendarInput,
): Promise<FlowCalendar> {
  authorise(actor, "flow:read");
  const revision = requireRevision(await findRevision(deps.pool, flow, null), flow, undefined);
  const timezone = revision.spec.schedules[0]?.timezone ?? "UTC";
  const range = await findIntervalEnds(deps.pool, flow);
  const yearOf = (at: Date) =>
    Number(new Intl.DateTimeFormat("en-US", { timeZone: timezone, year: "numeric" }).format(at));
  const years = range === null ? null : { first: yearOf(range.first), last: yearOf(range.last) };
  const year = asked ?? years?.last ?? yearOf(await readNow(deps.pool));
  const bounds = { from: newYear(year, timezone), to: newYear(year + 1, timezone) };
  const part = since === undefined ? bounds : { ...bounds, from: partOf(year, since, timezone) };
  const hidden = hiddenNames(revision.spec);
  const usual = omit(usualParams(revision.spec), hidden);
  const params = wanted === "any" ? null : (wanted ?? usual);
  const most = { look: MAX_CALENDAR_CELLS, limit: MAX_PARAM_CHOICES };
  const [found, all] = await Promise.all([
    readCalendar(deps.pool, flow, part, params, MAX_CALENDAR_CELLS + 1),
    findParamChoices(deps.pool, flow, bounds, most),
  ]);
  const choices = distinct(all.map(({ params, runs }) => ({ params: omit(params, hidden), runs })));
  const { count, rest } = fitDays(found.starts, timezone, MAX_CALENDAR_CELLS);
  const cut = <Value>(list: Value[]) => list.slice(0, count);
  return {
    flow,
    year,
    timezone,
    years,
    params,
    usual,
    choices: choices.filter((choice) => !fits(choice.params, usual)),
    starts: cut(found.starts),
    ends: cut(found.ends),
    states: cut(found.states),
    revisions: cut(found.revisions),
    runs: cut(found.runs),
    since: since ?? null,
    rest,
  };
}

/** Values of runs that nobody gives parameters: a required one that the schedule lacks is left out. */
function usualParams({ params, schedules }: FlowSpec): Record<string, Json> {
  const given = schedules[0]?.params ?? {};
  const optional = Object.entries(params).flatMap(([name, schema]): [string, Json][] =>
    isRequired(schema) ? [] : [[name, schema.default ?? null]],
  );
  return { ...Object.fromEntries(optional), ...given };
}

/** Parameters of which a part or all is hidden from view. */
function hiddenNames({ params }: FlowSpec): ReadonlySet<string> {
  const isHiding = ([, schema]: [string, ParamSchema]) => mentionsWriteOnly(schema as Json);
  return new Set(
    Object.entries(params)
      .filter(isHiding)
      .map(([name]) => name),
  );
}

function omit(params: Record<string, Json>, names: ReadonlySet<string>): Record<string, Json> {
  return Object.fromEntries(Object.entries(params).filter(([name]) => !names.has(name)));
}

/** Choices that differed only in what is hidden are one. */
function distinct(choices: readonly ParamChoice[]): ParamChoice[] {
  const byText = new Map<string, ParamChoice>();
  for (const { params, runs } of choices) {
    const text = canonicalJson(params);
    byText.set(text, { params, runs: runs + (byText.get(text)?.runs ?? 0) });
  }
  return [...byText.values()].sort((a, b) => b.runs - a.runs);
}

/** True when no parameter that both know has two values. */
function fits(one: Record<string, Json>, other: Record<string, Json>): boolean {
  return Object.entries(one).every(([name, value]) => {
    const twin = other[name];
    return twin === undefined || canonicalJson(twin) === canonicalJson(value);
  });
}

function partOf(year: number, since: string, timezone: string): Date {
  const at = since.startsWith(`${year}-`) ? readBound(since, timezone) : null;
  if (at !== null) return new Date(at);
  throw new AppError("INVALID_INPUT", `${since} is no day of ${year}.`, {
    fix: "Begin with a day of the year that is shown.",
  });
}

function newYear(year: number, timezone: string): Date {
  const at = readBound(`${year}-01-01`, timezone);
  if (at !== null) return new Date(at);
  throw new AppError("INVALID_INPUT", `${year} is no year of the calendar.`, {
    fix: "Choose a year from 1970 to 9998.",
  });
}
