/** How long a year of a flow's calendar takes among a million runs, in the use case. */
import { operator } from "#server/auth/actor.ts";
import { MAX_CALENDAR_CELLS } from "#server/core/run/calendar-view.ts";
import { getCalendar } from "#server/usecases/flows/calendar.ts";
import type { CalendarInput } from "#server/usecases/flows/inputs.ts";
import type { Bench, Measurement } from "../kit/bench.ts";
import { openHistory } from "../kit/history.ts";
import { askInTurn } from "../kit/pages.ts";
import type { Measured } from "../report/figure.ts";

/** Within what a page may take until its largest part is painted. */
const BOUND_MS = 250;
/** Runs of the history go round 16 shards: those of one flow are all even or all odd. */
const shardOf = (flow: number, sample: number) => (flow % 2) + 2 * (sample % 8);

export const calendar: Measurement = { name: "calendar", measure };

async function measure(bench: Bench): Promise<Measured[]> {
  const { deps, flows, runs } = await openHistory(bench);
  const { rows } = await deps.pool.query<{ year: number }>(
    "select extract(year from max(interval_start) - interval '1 year')::int as year from run",
  );
  // The year before the newest one is full, unless the history is a small one.
  const year = rows[0]?.year ?? 1970;
  const ask = async (sample: number, more: Partial<CalendarInput>) => {
    const flow = flows[sample % flows.length] ?? "";
    const { starts } = await getCalendar(deps, operator, { flow, ...more });
    if (starts.length === 0) throw new Error(`The calendar of ${flow} is empty`);
    return starts.length;
  };
  let cells = 0;
  const questions = [
    {
      id: "calendar",
      name: "a year of a flow's calendar, as many intervals as it shows",
      ask: async (sample: number) => {
        cells = Math.max(cells, await ask(sample, bench.quick ? {} : { year }));
      },
      boundMs: BOUND_MS,
    },
    {
      id: "calendar.params",
      name: "the same year for one value of a parameter",
      ask: async (sample: number) => {
        const params = { shard: shardOf(sample % flows.length, sample) };
        await ask(sample, { params, ...(bench.quick ? {} : { year }) });
      },
      boundMs: BOUND_MS,
    },
  ];
  const how = `${runs.toLocaleString("en")} runs of ${flows.length} flows, the use case`;
  const figures = await askInTurn(questions, bench.quick ? 20 : 100, how);
  // Whole days are shown: at most one of minutes is missing to the full number.
  if (!bench.quick && (cells > MAX_CALENDAR_CELLS || cells < MAX_CALENDAR_CELLS - 1_440)) {
    throw new Error(`A full calendar holds ${cells} intervals`);
  }
  return figures;
}
