import { type Actor, authorise } from "#server/auth/actor.ts";
import { AppError } from "#server/core/errors.ts";
import { type FlowCalendar, MAX_CALENDAR_CELLS } from "#server/core/run/calendar-view.ts";
import { readBound } from "#server/core/schedule/bounds.ts";
import { findIntervalEnds, readCalendar } from "#server/db/calendar.ts";
import { findRevision } from "#server/db/revisions.ts";
import type { Deps } from "#server/usecases/deps.ts";
import type { CalendarInput } from "./inputs.ts";
import { requireRevision } from "./require.ts";

/**
 * A year of a flow's intervals, each by its newest run; the year of the last interval by default.
 * @throws AppError NOT_FOUND
 */
export async function getCalendar(
  deps: Deps,
  actor: Actor,
  { flow, year: asked }: CalendarInput,
): Promise<FlowCalendar> {
  authorise(actor, "flow:read");
  const revision = requireRevision(await findRevision(deps.pool, flow, null), flow, undefined);
  const timezone = revision.spec.schedules[0]?.timezone ?? "UTC";
  const range = await findIntervalEnds(deps.pool, flow);
  const yearOf = (at: Date) =>
    Number(new Intl.DateTimeFormat("en-US", { timeZone: timezone, year: "numeric" }).format(at));
  const years = range === null ? null : { first: yearOf(range.first), last: yearOf(range.last) };
  const year = asked ?? years?.last ?? yearOf(new Date());
  const bounds = { from: newYear(year, timezone), to: newYear(year + 1, timezone) };
  const found = await readCalendar(deps.pool, flow, bounds, MAX_CALENDAR_CELLS + 1);
  const truncated = found.runs.length > MAX_CALENDAR_CELLS;
  const cut = <Value>(list: Value[]) => list.slice(0, MAX_CALENDAR_CELLS);
  return {
    flow,
    year,
    timezone,
    years,
    starts: cut(found.starts),
    ends: cut(found.ends),
    states: cut(found.states),
    revisions: cut(found.revisions),
    runs: cut(found.runs),
    truncated,
  };
}

function newYear(year: number, timezone: string): Date {
  const at = readBound(`${year}-01-01`, timezone);
  if (at !== null) return new Date(at);
  throw new AppError("INVALID_INPUT", `${year} is no year of the calendar.`, {
    fix: "Choose a year from 1970 to 9998.",
  });
}
