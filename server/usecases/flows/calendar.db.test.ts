import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { operator } from "#server/auth/actor.ts";
import type { Json } from "#server/core/flow/spec.ts";
import { calendarStates } from "#server/core/run/calendar-view.ts";
import { calendarQuery } from "#server/db/flow/calendar.ts";
import { startRun, storeFlow } from "../../../test/engine/runs.ts";
import { buildFlow } from "../../../test/flow-builder.ts";
import { sharedDatabase } from "../../../test/shared-database.ts";
import { getCalendar } from "./calendar.ts";

const database = sharedDatabase();
const { deps } = database;

const day = (text: string) => {
  const start = new Date(`${text}T00:00:00Z`);
  return { start: start.toISOString(), end: new Date(start.getTime() + 86_400_000).toISOString() };
};

it("shows each interval of a year once, by its newest run and that run's revision", async () => {
  const id = `flow-${randomUUID()}`;
  const old = await storeFlow(database.pool, buildFlow(id, { one: {} }));
  const begin = (stored: typeof old, text: string) =>
    startRun(database.pool, stored, { interval: day(text) });
  await begin(old, "2011-12-31");
  const kept = await begin(old, "2012-01-01");
  await begin(old, "2012-01-02");
  const next = await storeFlow(database.pool, buildFlow(id, { one: {}, two: {} }));
  const rerun = await begin(next, "2012-01-02");
  await begin(next, "2013-01-01");
  await startRun(database.pool, next);

  const calendar = await getCalendar(deps, operator, { flow: id, year: 2012 });
  expect(calendar.runs).toEqual([kept, rerun]);
  expect(calendar.revisions).toEqual([1, 2]);
  expect(calendar.starts).toEqual([Date.parse("2012-01-01"), Date.parse("2012-01-02")]);
  expect(calendar.states.map((place) => calendarStates[place])).toEqual(["queued", "queued"]);
  expect(calendar.years).toEqual({ first: 2011, last: 2013 });
  expect(calendar).toMatchObject({ since: null, rest: null });
  const part = await getCalendar(deps, operator, { flow: id, year: 2012, since: "2012-01-02" });
  expect(part).toMatchObject({ runs: [rerun], since: "2012-01-02", rest: null });
  const wrong = getCalendar(deps, operator, { flow: id, year: 2012, since: "2013-01-01" });
  await expect(wrong).rejects.toMatchObject({ code: "INVALID_INPUT" });
  const newest = await getCalendar(deps, operator, { flow: id });
  expect(newest.year).toBe(2013);
});

it("counts the runs with the schedule's parameters unless others are chosen", async () => {
  const id = `flow-${randomUUID()}`;
  const spec = buildFlow(id, { one: {} }, { station: { type: "string", default: "seattle" } });
  const stored = await storeFlow(database.pool, spec);
  const begin = (text: string, params: Record<string, Json>) =>
    startRun(database.pool, stored, { interval: day(text), params });
  const usual = await begin("2012-05-01", { station: "seattle" });
  const other = await begin("2012-05-01", { station: "portland" });
  // From before the parameter was there: no other value, so no other data.
  const bare = await begin("2012-05-02", {});
  const alone = await begin("2012-05-03", { station: "portland" });

  const ask = (more: object = {}) => getCalendar(deps, operator, { flow: id, ...more });
  const shown = await ask();
  expect(shown).toMatchObject({
    params: { station: "seattle" },
    usual: { station: "seattle" },
    choices: [{ params: { station: "portland" }, runs: 2 }],
    runs: [usual, bare],
  });
  const chosen = await ask({ params: { station: "portland" } });
  expect(chosen.runs).toEqual([other, bare, alone]);
  const all = await ask({ params: "any" });
  expect(all).toMatchObject({ params: null, runs: [other, bare, alone] });
});

it("knows no year of a flow without intervals, and no flow that is not there", async () => {
  const id = `flow-${randomUUID()}`;
  await storeFlow(database.pool, buildFlow(id, { one: {} }));
  const calendar = await getCalendar(deps, operator, { flow: id });
  expect([calendar.years, calendar.runs]).toEqual([null, []]);
  await expect(getCalendar(deps, operator, { flow: "nowhere" })).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
});

it("walks the index on intervals, however many runs there are", async () => {
  const { rows } = await database.pool
    .query<{ "QUERY PLAN": string }>(
      `set local enable_seqscan = off; explain (costs off) ${calendarQuery
        .replace("$1", "'x'")
        .replace("$2", "'2012-01-01'")
        .replace("$3", "'2013-01-01'")
        .replaceAll("$4", `'{"station": "seattle"}'`)
        .replace("$5", "100")}`,
    )
    .then((all) => (Array.isArray(all) ? all[1] : all));
  const plan = rows.map((row: { "QUERY PLAN": string }) => row["QUERY PLAN"]).join("\n");
  expect(plan).toContain("run_flow_id_interval_start_idx");
  // Sorted a few at a time, so that the limit ends the walk.
  expect(plan).toContain("Incremental Sort");
});
