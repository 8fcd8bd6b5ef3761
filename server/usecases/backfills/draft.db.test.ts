/** What the form of a backfill starts from. */
import { randomUUID } from "node:crypto";
import { beforeEach, expect, it } from "vitest";
import { operator } from "#server/auth/actor.ts";
import { publishScheduled } from "../../../test/schedules.ts";
import { sharedDatabase } from "../../../test/shared-database.ts";
import { getBackfillDraft } from "./draft.ts";
import { backfillDraftInput, backfillPlanInput } from "./inputs.ts";
import { planBackfill } from "./plan.ts";

const database = sharedDatabase();
const { deps } = database;

let flow: string;

const daily = {
  cron: "0 2 * * *",
  timezone: "Asia/Seoul",
  catchup: "latest",
  overlap: "queue",
  params: { city: "busan" },
} as const;

beforeEach(async () => {
  flow = `flow-${randomUUID()}`;
  await publishScheduled(deps.pool, {
    id: flow,
    schedules: [daily, { ...daily, cron: "0 * * * *", timezone: "UTC", params: {} }],
    params: {
      city: { type: "string", default: "seoul" },
      unit: { type: "string", default: "c" },
    },
  });
});

const plan = (input: object) =>
  planBackfill(deps, operator, backfillPlanInput.parse({ flow, ...input }));
const draft = (more: object = {}) =>
  getBackfillDraft(deps, operator, backfillDraftInput.parse({ flow, ...more }));

it("offers each schedule in words, and the values of the first", async () => {
  const { run, schedules, ...rest } = await draft();
  expect(schedules).toMatchObject([
    { position: 1, timezone: "Asia/Seoul", params: { city: "busan" } },
    { position: 2, timezone: "UTC", words: { en: "Every hour" } },
  ]);
  expect(run).toMatchObject({
    params: { city: "busan", unit: "c" },
    timezone: "Asia/Seoul",
    interval: null,
  });
  expect(rest).toMatchObject({ earlier: null, sets: null, chosen: null, latest: null });
  expect(schedules[0]).toMatchObject({ start: null, end: null });
});

it("brings back the sets of an earlier backfill, each with what it alone says", async () => {
  const sets = [{ city: "jeju" }, { unit: "f" }, {}];
  const { id } = await plan({ sets, params: { city: "ulsan" }, concurrency: 3 });
  const again = await draft({ from: id });
  expect(again).toMatchObject({ sets, earlier: { concurrency: 3, source: { kind: "sets" } } });
  expect(again.run.params).toEqual({ city: "ulsan", unit: "c" });
  // Planned once more from the form, it is the same plan.
  const repeated = await plan({ sets: again.sets, params: again.run.params, concurrency: 3 });
  expect(repeated.rows.items.map(({ params }) => params)).toEqual([
    { city: "jeju", unit: "c" },
    { city: "ulsan", unit: "f" },
    { city: "ulsan", unit: "c" },
  ]);
});

it("brings back listed intervals, and the schedule that was chosen", async () => {
  const intervals = [
    { start: "2020-01-01T00:00:00.000Z", end: "2020-01-02T00:00:00.000Z" },
    { start: "2020-03-01T00:00:00.000Z", end: "2020-03-02T00:00:00.000Z" },
  ];
  const { id } = await plan({ intervals });
  expect((await draft({ from: id })).chosen).toEqual({ intervals, from: { kind: "backfill", id } });
  const hourly = await plan({ from: "2020-01-01", to: "2020-01-02", schedule: 2 });
  expect(await draft({ from: hourly.id })).toMatchObject({
    chosen: null,
    earlier: { source: { kind: "range", schedule: 2 } },
  });
});

it("refuses another flow's backfill and a pick that is none", async () => {
  const { id } = await plan({ from: "2020-01-01", to: "2020-01-02" });
  const other = `flow-${randomUUID()}`;
  await publishScheduled(deps.pool, { id: other, schedules: [] });
  await expect(draft({ flow: other, from: id })).rejects.toMatchObject({ code: "NOT_FOUND" });
  const calendar = { year: 2020, pick: "everything" };
  await expect(draft({ calendar })).rejects.toMatchObject({ code: "INVALID_INPUT" });
});
