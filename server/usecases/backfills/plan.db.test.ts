import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { operator } from "#server/auth/actor.ts";
import type { ParamSchema, ScheduleSpec } from "#server/core/flow/spec.ts";
import { removeOldPlans } from "#server/db/backfill/backfill-window.ts";
import { inTransaction } from "#server/db/transaction.ts";
import type { TaskDraft } from "../../../test/flow-builder.ts";
import { publishScheduled } from "../../../test/schedules.ts";
import { sharedDatabase } from "../../../test/shared-database.ts";
import { backfillListInput, backfillPlanInput } from "./inputs.ts";
import { planBackfill } from "./plan.ts";
import { getBackfill, getBackfillCells, listBackfillIntervals, listBackfills } from "./read.ts";
import { startBackfill } from "./start.ts";

const database = sharedDatabase();
const { deps } = database;

let flow: string;

beforeEach(() => {
  flow = `flow-${randomUUID()}`;
});

const seoul: ScheduleSpec = {
  cron: "0 2 * * *",
  timezone: "Asia/Seoul",
  catchup: "latest",
  overlap: "queue",
};

const publish = (
  more: {
    schedules?: ScheduleSpec[];
    tasks?: Record<string, TaskDraft>;
    params?: Record<string, ParamSchema>;
  } = {},
) => publishScheduled(deps.pool, { id: flow, schedules: [], ...more });

const plan = (input: object) =>
  planBackfill(deps, operator, backfillPlanInput.parse({ flow, ...input }));

describe("planning", () => {
  it("takes the schedule's intervals and zone, and stores one row for each", async () => {
    await publish({ schedules: [seoul] });
    const made = await plan({ from: "2012-01-01", to: "2016-01-01" });
    expect(made).toMatchObject({
      timezone: "Asia/Seoul",
      total: 1_461,
      counts: { run: 1_461, skip: 0 },
      reasons: { missing: 1_461 },
      // 02:00 in Seoul is 17:00 of the day before in UTC.
      range: { start: "2011-12-31T17:00:00.000Z", end: "2015-12-31T17:00:00.000Z" },
      source: { kind: "range", step: "schedule", schedule: 1 },
    });
    expect(made.rows.items).toHaveLength(100);
    expect(made.rows.next).toBe("99");
    const got = await getBackfill(deps, operator, { id: made.id });
    expect(got).toMatchObject({
      state: "planned",
      planHash: made.hash,
      counts: { waiting: 1_461 },
    });
    expect(got.controls).toMatchObject({ start: true, pause: false, cancel: false });
    const cells = await getBackfillCells(deps, operator, { id: made.id });
    expect(cells.starts?.[0]).toBe(Date.parse("2011-12-31T17:00:00.000Z"));
    expect(cells.ends).toHaveLength(1_461);
    const last = await listBackfillIntervals(deps, operator, {
      id: made.id,
      cursor: "1459",
      limit: 10,
    });
    expect(last).toMatchObject({ next: null, items: [{ ordinal: 1_460, decision: "run" }] });
    // Nobody has started it yet.
    const list = await listBackfills(deps, operator, backfillListInput.parse({ flow }));
    expect(list.items).toEqual([]);
  });

  it("plans listed intervals in order, of a named revision", async () => {
    await publish();
    await publish({ tasks: { other: {} } });
    const made = await plan({
      revision: 1,
      intervals: [
        { start: "2020-03-01T00:00:00Z", end: "2020-03-02T00:00:00Z" },
        { start: "2020-01-01T09:00:00+09:00", end: "2020-01-02T00:00:00Z" },
      ],
      reprocess: "all",
    });
    expect(made).toMatchObject({ revision: 1, latestRevision: 2, source: { kind: "intervals" } });
    expect(made.rows.items.map(({ interval }) => interval?.start)).toEqual([
      "2020-01-01T00:00:00.000Z",
      "2020-03-01T00:00:00.000Z",
    ]);
  });

  it("takes the parameters of the schedule whose intervals it takes", async () => {
    await publish({
      schedules: [seoul, { ...seoul, cron: "0 * * * *", params: { city: "busan" } }],
      params: { city: { type: "string", default: "seoul" } },
    });
    const range = { from: "2020-01-01", to: "2020-01-02" };
    expect(await plan(range)).toMatchObject({ total: 1, params: { city: "seoul" } });
    expect(await plan({ ...range, schedule: 2 })).toMatchObject({
      total: 24,
      params: { city: "busan" },
    });
    expect(await plan({ ...range, schedule: 2, params: { city: "jeju" } })).toMatchObject({
      params: { city: "jeju" },
    });
  });

  const range = { from: "2020-01-01", to: "2020-01-03" };
  const day = { start: "2020-01-01T00:00:00Z", end: "2020-01-02T00:00:00Z" };
  it.each([
    { why: "a day that is none", input: { ...range, to: "2020-02-30" }, code: "INVALID_INPUT" },
    { why: "a range backwards", input: { ...range, to: "2019-01-01" }, code: "INVALID_INPUT" },
    {
      why: "too many hours",
      input: { ...range, to: "2030-01-01", step: "hour" },
      code: "INVALID_INPUT",
    },
    {
      why: "another zone than the schedule's",
      input: { ...range, timezone: "UTC" },
      code: "INVALID_INPUT",
    },
    {
      why: "a schedule that is not there",
      input: { ...range, schedule: 2 },
      code: "INVALID_INPUT",
    },
    { why: "an interval twice", input: { intervals: [day, day] }, code: "INVALID_INPUT" },
    { why: "a set twice", input: { sets: [{ city: "a" }, { city: "a" }] }, code: "INVALID_INPUT" },
    {
      why: "an unknown parameter",
      input: { ...range, params: { town: "a" } },
      code: "INVALID_PARAMS",
    },
    { why: "a bad value in a set", input: { sets: [{ city: 7 }] }, code: "INVALID_PARAMS" },
    { why: "a revision that is not there", input: { ...range, revision: 9 }, code: "NOT_FOUND" },
    { why: "a flow that is not there", input: { ...range, flow: "nobody" }, code: "NOT_FOUND" },
  ])("refuses $why, and stores nothing", async ({ input, code }) => {
    await publish({
      schedules: [seoul],
      params: { city: { type: "string", default: "seoul" } },
    });
    await expect(plan(input)).rejects.toMatchObject({ code });
    const stored = await deps.pool.query("select 1 from backfill where flow_id = $1", [flow]);
    expect(stored.rowCount).toBe(0);
  });

  it.each([
    { why: "neither range nor list", input: {} },
    { why: "two at once", input: { ...range, intervals: [day] } },
    { why: "half a range", input: { from: "2020-01-01" } },
    { why: "a step without a range", input: { intervals: [day], step: "day" } },
    { why: "no concurrency", input: { ...range, concurrency: 0 } },
    { why: "unknown keys", input: { ...range, paralel: 3 } },
  ])("does not read $why", ({ input }) => {
    expect(backfillPlanInput.safeParse({ flow, ...input }).success).toBe(false);
  });

  it("forgets plans that nobody started within a day, and no others", async () => {
    await publish();
    const [old, young, started] = [await plan(range), await plan(range), await plan(range)];
    await startBackfill(deps, operator, {
      id: started.id,
      planHash: started.hash,
      idempotencyKey: randomUUID(),
    });
    await deps.pool.query(
      "update backfill set created_at = now() - interval '25 hours' where id = any($1)",
      [[old.id, started.id]],
    );
    expect(await inTransaction(deps.pool, (client) => removeOldPlans(client, 100))).toBe(1);
    const left = await deps.pool.query<{ id: string; rows: number }>(
      `select id, (select count(*)::int from backfill_row where backfill_id = b.id) as rows
         from backfill b where id = any($1) order by id`,
      [[old.id, young.id, started.id]],
    );
    expect(left.rows).toEqual([
      { id: young.id, rows: 2 },
      { id: started.id, rows: 2 },
    ]);
    const rows = await deps.pool.query("select 1 from backfill_row where backfill_id = $1", [
      old.id,
    ]);
    expect(rows.rowCount).toBe(0);
  });
});
